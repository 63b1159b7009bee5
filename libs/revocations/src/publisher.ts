import type { Clock } from './clock.js';
import type { IdentityRecord, Recorded } from './identity-record.js';
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

/** A change that has been committed. */
interface Committed {
  readonly target: Target;
  readonly committedAt: number;
  readonly deadline: number;
  readonly onAdded: () => void;
}

/** And where it was added to the log. */
interface Announced extends Committed {
  readonly identity: string;
  readonly number: number;
  readonly addedAt: number;
  readonly trustedFrom: number;
}

/**
 * Makes committed revocations effective: adds them to the log, and waits until no gateway can use what it has cached.
 *
 * Three ways, whichever comes first: every gateway has acknowledged the entry or has lost its lease; every lease that
 * was held when the entry was added has run out; everything cached before the commit has. The first two speak of the
 * gateways that follow this log, and so hold only while no other gateway can have anything cached.
 */
export class RevocationPublisher {
  readonly #log: RevocationLog;
  readonly #record: IdentityRecord;
  readonly #clock: Clock;
  readonly #timings: Timings;
  readonly #seen = new Map<string, { renewals: number; since: number }>();
  #identity: string | undefined;
  /** The generation that was found recorded last, and when it was found first. */
  #generation: { number: number; since: number } | undefined;

  constructor(parts: { log: RevocationLog; record: IdentityRecord; clock: Clock; timings: Timings }) {
    this.#log = parts.log;
    this.#record = parts.record;
    this.#clock = parts.clock;
    this.#timings = parts.timings;
  }

  /**
   * Resolves when the change that was committed at `committedAt` (a reading of the clock, taken once the commit was
   * confirmed) is in effect everywhere. Never rejects: with the log away, it resolves when the caches have run out.
   * `onAdded` hears once the log has the change: from then on nobody else need add it.
   */
  async publish(target: Target, committedAt: number, onAdded: () => void = () => undefined): Promise<Effect> {
    const deadline = committedAt + this.#timings.cacheTtlMs * this.#timings.margin;
    for (const pause of this.#pauses(deadline)) {
      const effect = await this.#throughLog({ target, committedAt, deadline, onAdded }).catch(
        () => undefined,
      );
      if (effect !== undefined) return effect;
      await pause();
    }
    return { how: 'cache-ttl', gateways: 0, waitedMs: this.#clock.now() - committedAt };
  }

  /**
   * Learns the log's identity and who follows it, and records an identity that is new. Called now and then, so that a
   * revocation need not wait for it.
   */
  async observe(): Promise<void> {
    await this.#look();
    if (this.#identity !== undefined) await this.#recorded(this.#identity, await this.#record.read());
  }

  /** How many gateways follow the log, as of the last look at it. */
  get gateways(): number {
    return this.#seen.size;
  }

  /** One attempt. Undefined: the log became another one on the way, or its followers are not all who may cache. */
  async #throughLog(change: Committed): Promise<Effect | undefined> {
    const adding = this.#log.add(change.target).then((added) => ({ ...added, addedAt: this.#clock.now() }));
    // Read after the commit: who caches under an identity that is recorded later has read the key after the commit, too.
    const reading = this.#record.read();
    const [{ identity, number, addedAt }, found] = await Promise.all([adding, reading]);
    change.onAdded();
    const recorded = await this.#recorded(identity, found);
    if (recorded.identity !== identity) return undefined;
    const trustedFrom = this.#trustedFrom(recorded);
    return this.#throughFollowers({ ...change, identity, number, addedAt, trustedFrom });
  }

  async #throughFollowers(announced: Announced): Promise<Effect | undefined> {
    const { committedAt, deadline, identity, number, addedAt, trustedFrom } = announced;
    const leaseMs = this.#timings.leaseMs * this.#timings.margin;
    for (const pause of this.#pauses(deadline)) {
      const members = await this.#look();
      if (this.#identity !== identity) return undefined;
      const now = this.#clock.now();
      const waitedMs = now - committedAt;
      const confirmed = members.filter(({ acknowledged }) => acknowledged >= number);
      const isDead = ({ instance }: Member): boolean =>
        now - (this.#seen.get(instance)?.since ?? now) >= leaseMs;
      const areDone = members.every((member) => confirmed.includes(member) || isDead(member));
      if (now >= trustedFrom) {
        if (areDone) return { how: 'acknowledged', gateways: confirmed.length, waitedMs };
        if (now - addedAt >= leaseMs) return { how: 'lease', gateways: confirmed.length, waitedMs };
      }
      await pause();
    }
    return undefined;
  }

  /**
   * From when on nobody but followers of the log that is recorded can have anything cached. An answer that was cached
   * under an identity recorded before it was asked for before this one was recorded, and so is gone when caches have
   * run out since. Nobody has such an answer
   * - when this identity is the first that was ever recorded; or
   * - when all who follow the log live in this process, for then their caches live no longer than the log does.
   */
  #trustedFrom({ generation }: Recorded): number {
    if (generation === 1 || this.#log.identityIsCertain) return -Infinity;
    if (this.#generation?.number !== generation) return Infinity;
    return this.#generation.since + this.#timings.cacheTtlMs * this.#timings.margin;
  }

  /** What is recorded once `identity` is known: what was found, or put in its place. Notes since when, at the latest. */
  async #recorded(identity: string, found: Recorded | null): Promise<Recorded> {
    const recorded = found?.identity === identity ? found : await this.#record.replace(found, identity);
    const { generation } = recorded;
    // Answers may overtake each other; generations only grow.
    if (this.#generation === undefined || this.#generation.number < generation)
      this.#generation = { number: generation, since: this.#clock.now() };
    return recorded;
  }

  async #look(): Promise<readonly Member[]> {
    const { identity, members } = await this.#log.members();
    const now = this.#clock.now();
    if (this.#identity !== identity) {
      this.#identity = identity;
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

  /** One pause after the other until the deadline, each an eighth of the time that has passed since the first. */
  *#pauses(deadline: number): Generator<() => Promise<void>> {
    const { fastestPollMs, slowestPollMs } = this.#timings;
    const beganAt = this.#clock.now();
    for (let now = beganAt; now < deadline; now = this.#clock.now()) {
      const ms = Math.min(Math.max((now - beganAt) / 8, fastestPollMs), slowestPollMs);
      yield () => this.#clock.wait(Math.min(ms, deadline - this.#clock.now()));
    }
  }
}
