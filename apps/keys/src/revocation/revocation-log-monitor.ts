import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { repeat, systemClock } from '#libs/clock';
import { DEFAULT_TIMINGS, RevocationPublisher } from '#libs/revocations';

/** Keeps the publisher informed of which gateways follow the log, so that a revocation need not find out first. */
@Injectable()
export class RevocationLogMonitor implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger(RevocationLogMonitor.name);
  readonly #stopping = new AbortController();
  #observing: Promise<void> = Promise.resolve();

  constructor(private readonly publisher: RevocationPublisher) {}

  onApplicationBootstrap(): void {
    this.#observing = repeat(() => this.publisher.observe(), {
      clock: systemClock,
      everyMs: DEFAULT_TIMINGS.lookEveryMs,
      signal: this.#stopping.signal,
      onOutage: (err) =>
        this.#logger.error({
          err,
          msg: 'the revocation log is unavailable: revocations wait until cached answers have expired',
        }),
      onRecovery: () => this.#logger.warn('the revocation log is available again'),
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    await this.#observing;
  }
}
