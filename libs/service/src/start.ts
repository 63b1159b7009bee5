import { Logger } from '@nestjs/common';
import { SettingsError } from '#libs/settings';

/** A start that cannot succeed: one sentence that says what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** Something that was started and must be stopped. */
export interface Stoppable {
  stop(): Promise<void>;
  /** Resolves with why it must not go on, if that comes to be so: the process ends at once, and serves nothing more. */
  readonly ended?: Promise<Error>;
}

/**
 * Runs a process: starts it, and stops it on SIGTERM, SIGINT and SIGHUP. A start that fails prints one sentence and
 * exits with 1 (with 78, EX_CONFIG of sysexits.h, when settings are at fault). A second signal exits at once.
 *
 * A promise that is rejected and that nobody handles is logged, and does not end the process, as Node would. What has
 * failed is something in the background, such as a connection that subscribes again, and it fails for one cause in all
 * instances at one moment: if each of them ended, nobody would be served. Nothing rests on the background work: where
 * revocations are not followed any more, the lease runs out. An exception that nobody catches still ends the process.
 */
export async function runProcess(start: () => Promise<Stoppable>): Promise<void> {
  const logger = new Logger('Process');
  process.on('unhandledRejection', (err) =>
    logger.error({
      err,
      msg: 'something in the background has failed, and nobody handles it: please report it',
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
