import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { repeat, systemClock } from '#libs/clock';
import { AnnounceExpiries } from './announce-expiries.js';
import { AnnounceUnused } from './announce-unused.js';
import { Lifetimes } from './lifetimes.js';
import { RevokeUnused } from './revoke-unused.js';

/** How often it looks for keys whose time has come, in milliseconds. */
const EVERY_MS = 5 * 60_000;

/** In one of so many runs it looks at all keys. */
const ALL_EVERY = 12;

/**
 * After so many runs without a failure it revokes unused keys: until then, gateways may have uses to report that keys or
 * the database could not take.
 */
const STEADY_RUNS = 3;

/** Announces what happens to keys as time goes by, and revokes those that nobody uses. */
@Injectable()
export class LifetimeSweeps implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(LifetimeSweeps.name);
  readonly #stopping = new AbortController();
  readonly #done: Counter<'what'>;
  #runs = 0;
  #steadyRuns = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly expiries: AnnounceExpiries,
    private readonly unused: AnnounceUnused,
    private readonly revoking: RevokeUnused,
    private readonly lifetimes: Lifetimes,
    registry: Registry,
  ) {
    this.#done = new Counter({
      name: 'keys_lifetime_changes_total',
      help: 'Keys whose expiry or revocation for idleness was announced, and that were revoked for it.',
      labelNames: ['what'],
      registers: [registry],
    });
  }

  onApplicationBootstrap(): void {
    this.#running = repeat(() => this.#sweep(), {
      clock: systemClock,
      everyMs: EVERY_MS,
      signal: this.#stopping.signal,
      onOutage: (err) =>
        this.#logger.error({
          err,
          msg: 'expiries and unused keys are not announced: trying every 5 minutes',
        }),
      onRecovery: () => this.#logger.log('expiries and unused keys are announced again'),
    });
  }

  async onModuleDestroy(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #sweep(): Promise<void> {
    const steadyRuns = this.#steadyRuns;
    this.#steadyRuns = 0;
    const all = this.#runs++ % ALL_EVERY === 0;
    this.#done.inc({ what: 'expiry_announced' }, await this.expiries.execute({ again: all }));
    const { idleDays } = this.lifetimes;
    if (idleDays !== null) {
      if (all) this.#done.inc({ what: 'unused_announced' }, await this.unused.execute(idleDays));
      if (steadyRuns >= STEADY_RUNS)
        this.#done.inc({ what: 'unused_revoked' }, await this.revoking.execute(idleDays));
    }
    this.#steadyRuns = steadyRuns + 1;
  }
}
