import type { Clock } from './clock.js';
import type { Member, RevocationLog, Target } from './revocation-log.js';
import type { Timings } from './timings.js';

/** How a revocation came into effect. */
export interface Effect {
  /** `acknowledged` by every gateway; every `lease` from before has run out; every cached answer has (`cache-ttl`). */
  readonly how: 'acknowledged' | 'lease' | 'cache-ttl';
  /** How many gateways have confirmed. */
  readonly gateways: number;
  /** Milliseconds since the change was committed. */
  readonly waitedMs: number;
}

/**
 * Makes committed revocations effective: adds them to the log, and waits until no gateway can use what it has cached.
 *
 * Three ways, whichever comes first: every gateway has acknowledged the entry or has lost its lease; every lease that
 * was held when the entry was added has run out; everything cached before the commit has.
 */
export class RevocationPublisher {
  readonly #log: RevocationLog;
  readonly #clock: Clock;
  readonly #timings: Timings;
  readonly #seen = new Map<string, { renewals: number; since: number }>();
  #identity: { name: string; since: number } | undefined;

  constructor({ log, clock, timings }: { log: RevocationLog; clock: Clock; timings: Timings }) {
    this.#log = log;
    this.#clock = clock;
    this.#timings = timings;
  }

  /**
   * Resolves when the change that was committed at `committedAt` (a reading of the clock, taken once the commit was
   * confirmed) is in effect everywhere. Never rejects: with the log away, it resolves when the caches have run out.
   */
  async publish(target: Target, committedAt: number): Promise<Effect> {
    const deadline = committedAt + this.#timings.cacheTtlMs * this.#timings.margin;
    for (
      let pollMs = this.#timings.firstPollMs;
      this.#clock.now() < deadline;
      pollMs = Math.min(2 * pollMs, this.#timings.slowestPollMs)
    ) {
      const effect = await this.#throughLog(target, committedAt, deadline).catch(() => undefined);
      if (effect !== undefined) return effect;
      await this.#clock.wait(Math.min(pollMs, deadline - this.#clock.now()));
    }
    return { how: 'cache-ttl', gateways: 0, waitedMs: this.#clock.now() - committedAt };
  }

  /** Learns the log's identity and who follows it. Called now and then, so that a revocation need not wait for it. */
  async observe(): Promise<readonly Member[]> {
    const { identity, members } = await this.#log.members();
    const now = this.#clock.now();
    if (this.#identity?.name !== identity) {
      this.#identity = { name: identity, since: now };
      this.#seen.clear();
    }
    for (const { instance, renewals } of members) {
      const seen = this.#seen.get(instance);
      if (seen?.renewals !== renewals) this.#seen.set(instance, { renewals, since: now });
      else if (now - seen.since > this.#timings.forgetAfterMs)
        void this.#log.remove(instance, renewals).catch(() => undefined);
    }
    for (const instance of this.#seen.keys()) {
      if (!members.some((member) => member.instance === instance)) this.#seen.delete(instance);
    }
    return members;
  }

  /** One attempt. Undefined: the log became another one on the way, or could no longer be read; add again. */
  async #throughLog(target: Target, committedAt: number, deadline: number): Promise<Effect | undefined> {
    const { identity, number } = await this.#log.add(target);
    const addedAt = this.#clock.now();
    const leaseMs = this.#timings.leaseMs * this.#timings.margin;

    for (
      let pollMs = this.#timings.firstPollMs;
      this.#clock.now() < deadline;
      pollMs = Math.min(2 * pollMs, this.#timings.slowestPollMs)
    ) {
      const members = await this.observe();
      if (this.#identity?.name !== identity) return undefined;
      const now = this.#clock.now();
      const waitedMs = now - committedAt;
      // An identity that is new to us may have replaced one whose leases are still held.
      const isKnown = this.#log.identityIsCertain || now - this.#identity.since >= leaseMs;
      const confirmed = members.filter(({ acknowledged }) => acknowledged >= number);
      const isDead = ({ instance }: Member): boolean =>
        now - (this.#seen.get(instance)?.since ?? now) >= leaseMs;
      const areDone = members.every((member) => confirmed.includes(member) || isDead(member));
      if (isKnown && areDone) return { how: 'acknowledged', gateways: confirmed.length, waitedMs };
      if (isKnown && now - addedAt >= leaseMs) return { how: 'lease', gateways: confirmed.length, waitedMs };
      await this.#clock.wait(Math.min(pollMs, deadline - now));
    }
    return undefined;
  }
}
