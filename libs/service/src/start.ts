import { Logger } from '@nestjs/common';
import { SettingsError } from '#libs/settings';

/** A start that cannot succeed: one sentence that says what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** Something that was started and must be stopped. */
export interface Stoppable {
  stop(): Promise<void>;
  /** Resolves with a reason if it must not continue: the process exits at once, and serves nothing more. */
  readonly ended?: Promise<Error>;
}

/**
 * Runs a process: starts it, and stops it on SIGTERM, SIGINT and SIGHUP. A failed start prints one sentence and exits with
 * 1 (with 78, EX_CONFIG of sysexits.h, if settings are invalid). A second signal exits at once.
 *
 * An unhandled rejection is logged, and does not end the process, as it would by default. It comes from something in the
 * background, such as a connection that resubscribes, and has the same cause in all instances at the same time: if each of
 * them exited, no requests would be served. Safety does not depend on the background work: if revocations are no longer
 * followed, the lease expires. An uncaught exception still ends the process.
 */
export async function runProcess(start: () => Promise<Stoppable>): Promise<void> {
  const logger = new Logger('Process');
  process.on('unhandledRejection', (err) =>
    logger.error({
      err,
      msg: 'something in the background has failed with an unhandled rejection: please report it',
    }),
  );
  let stopping = false;
  const running = start();

  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    running
      .then((service) => service.stop())
      .then(() => process.exit(0))
      .catch(fail);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);

  await running.then(({ ended }) => {
    ended?.then(fail, fail);
  }, fail);
}

function fail(err: unknown): void {
  const expected = err instanceof StartError || err instanceof SettingsError;
  const text = expected ? err.message : err instanceof Error ? (err.stack ?? err.message) : String(err);
  process.stderr.write(text + '\n');
  process.exit(err instanceof SettingsError ? 78 : 1);
}
