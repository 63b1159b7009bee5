import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { RevocationPublisher, systemClock } from '#libs/revocations';
import { Claim } from '../database/claim.js';

/** How often the log is looked at when nothing is revoked, in milliseconds. */
const EVERY_MS = 500;

/** Keeps the publisher informed of who follows the log, so that a revocation need not find out first; and the claim. */
@Injectable()
export class Observer implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger(Observer.name);
  readonly #stopping = new AbortController();
  #observing: Promise<void> = Promise.resolve();

  constructor(
    private readonly publisher: RevocationPublisher,
    private readonly claim: Claim,
  ) {}

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
        await this.claim.hold();
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
      await systemClock.wait(EVERY_MS, this.#stopping.signal);
    }
  }
}
