import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DEFAULT_TIMINGS, RevocationPublisher, systemClock } from '#libs/revocations';

/** Keeps the publisher informed of who follows the log, so that a revocation need not find out first. */
@Injectable()
export class RevocationLogMonitor implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger(RevocationLogMonitor.name);
  readonly #stopping = new AbortController();
  #observing: Promise<void> = Promise.resolve();

  constructor(private readonly publisher: RevocationPublisher) {}

  onApplicationBootstrap(): void {
    this.#observing = this.#observe();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    await this.#observing;
  }

  async #observe(): Promise<void> {
    let isAway = false;
    while (!this.#stopping.signal.aborted) {
      try {
        await this.publisher.observe();
        if (isAway) this.#logger.warn('the revocation log is back');
        isAway = false;
      } catch (err) {
        if (!isAway)
          this.#logger.error({
            err,
            msg: 'the revocation log is away: revocations take as long as caches live',
          });
        isAway = true;
      }
      await systemClock.wait(DEFAULT_TIMINGS.lookEveryMs, this.#stopping.signal);
    }
  }
}
