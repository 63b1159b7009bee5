import type { Clock } from '#libs/clock';
import type { IdentityRecord, Recorded } from './identity-record.js';
import { isInProcess } from './in-process-log.js';
import type { Position, RevocationLog, Invalidation } from './revocation-log.js';
import { LogSight, type Seen, type SeenMember } from './sight.js';
import type { Timings } from './timings.js';

/** How a revocation came into effect. */
export interface Propagation {
  /** `acknowledged` by every gateway; every `lease` from before has run out; every cached answer has (`cache-ttl`). */
  readonly how: 'acknowledged' | 'lease' | 'cache-ttl';
  /** How many gateways have confirmed. */
  readonly gateways: number;
  /** Milliseconds since the change was committed. */
  readonly waitedMs: number;
}

/** A change that has been committed. */
interface Committed {
  readonly target: Invalidation;
  readonly committedAt: number;
  readonly deadline: number;
  readonly onAdded: () => void;
}

/** Where the change stands in the log. */
interface LoggedChange {
  readonly identity: string;
  readonly position: Position;
  /** When the adding was confirmed. */
  readonly addedAt: number;
}

/** The generation of the record that was found last, when it was found first, and what it has taken the place of. */
interface Generation {
  readonly number: number;
  readonly since: number;
  readonly replaced: Recorded | null | undefined;
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
  readonly #sight: LogSight;
  #generation: Generation | undefined;

  constructor(parts: {
    log: RevocationLog;
    record: IdentityRecord;
    clock: Clock;
    timings: Timings;
    /** How it watches the log. */
    sight?: LogSight;
  }) {
    this.#log = parts.log;
    this.#record = parts.record;
    this.#clock = parts.clock;
    this.#timings = parts.timings;
    this.#sight = parts.sight ?? new LogSight(parts);
  }

  /**
   * Resolves when the change that was committed at `committedAt` (a reading of the clock, taken once the commit was
   * confirmed) is in effect everywhere. Never rejects: with the log away, it resolves when the caches have run out.
   * `onAdded` hears once the log has the change: from then on nobody else need add it.
   */
  async publish(
    target: Invalidation,
    committedAt: number,
    onAdded: () => void = () => undefined,
  ): Promise<Propagation> {
    const deadline = committedAt + this.#timings.cacheTtlMs * this.#timings.margin;
    const done = new AbortController();
    // Whatever is under way at the deadline is not waited for: a log that is silent would take half a second more.
    const overdue = this.#clock.wait(deadline - this.#clock.now(), done.signal).then(() => undefined);
    const effect = await Promise.race([this.#attempts({ target, committedAt, deadline, onAdded }), overdue]);
    done.abort();
    return effect ?? { how: 'cache-ttl', gateways: 0, waitedMs: this.#clock.now() - committedAt };
  }

  /**
   * Looks at the log and records an identity that is new. Called every `lookEveryMs`, so that a revocation need not
   * wait for either. Rejects when the log or the record cannot be reached.
   */
  async observe(): Promise<void> {
    const seen = await this.#sight.look();
    if (seen === undefined) return;
    const recorded = await this.#recorded(seen.identity, await this.#record.read());
    const isSettled = recorded.isSettled || this.#clock.now() < this.#trustedFrom(recorded, seen);
    if (!isSettled) await this.#record.settle(recorded.generation);
  }

  /** How many gateways follow the log, as of the last look at it. */
  get gateways(): number {
    return this.#sight.gateways;
  }

  /**
   * Adds the change to the log and looks, again and again, until a look shows its effect or the deadline has come. What
   * is there is not added once more: a log that can be written and not read must not be filled.
   */
  async #attempts(change: Committed): Promise<Propagation | undefined> {
    let added: LoggedChange | undefined;
    let recorded: Recorded | undefined;
    for (const pause of this.#pauses(change.deadline)) {
      try {
        // Read after the commit: what is cached under an identity that is recorded later was read after it, too.
        const both = await Promise.allSettled([added ?? this.#add(change), recorded ?? this.#record.read()]);
        const [adding, reading] = both;
        if (adding.status === 'fulfilled') added = adding.value;
        if (added !== undefined && reading.status === 'fulfilled') {
          recorded = await this.#recorded(added.identity, reading.value);
          const effect =
            recorded.identity === added.identity && (await this.#effect(change, added, recorded));
          if (effect === 'lost') added = undefined;
          else if (effect) return effect;
          if (added?.identity !== recorded.identity) recorded = undefined;
        }
      } catch {
        // Redis or PostgreSQL is away. They are asked again, and at the deadline neither is needed.
      }
      await pause();
    }
    return undefined;
  }

  async #add({ target, onAdded }: Committed): Promise<LoggedChange> {
    const { identity, ...position } = await this.#log.add(target);
    onAdded();
    return { identity, position, addedAt: this.#clock.now() };
  }

  /** What a look shows; `lost`: the log has become another one, or lacks the entry, which must be added again. */
  async #effect(
    change: Committed,
    added: LoggedChange,
    recorded: Recorded,
  ): Promise<Propagation | 'lost' | undefined> {
    const seen = await this.#sight.look(added.position);
    if (seen === undefined) return undefined;
    if (seen.identity !== added.identity || !seen.holdsOwn) return 'lost';
    // All waiting counts until the look was sent: its answer may have taken long.
    const { sentAt, members, watchedSince } = seen;
    if (sentAt < this.#trustedFrom(recorded, seen)) return undefined;
    const leaseMs = this.#timings.leaseMs * this.#timings.margin;
    const confirmed = members.filter(({ acknowledged }) => acknowledged >= added.position.number);
    const facts = { gateways: confirmed.length, waitedMs: this.#clock.now() - change.committedAt };
    // All that hold a lease are known only once the log was watched for as long as a lease may last.
    const areAllKnown = sentAt - watchedSince >= leaseMs;
    const isDone = (member: SeenMember): boolean =>
      confirmed.includes(member) || sentAt - member.standsStillSince >= leaseMs;
    if (areAllKnown && members.every(isDone)) return { how: 'acknowledged', ...facts };
    if (sentAt - added.addedAt >= leaseMs) return { how: 'lease', ...facts };
    return undefined;
  }

  /**
   * From when on nobody but followers of the log that is recorded can use anything cached. An answer that was cached
   * under an identity recorded before it was asked for before this one was recorded, and so is gone when caches have
   * run out since. If all of that was cached within one process, it is gone sooner: that process has used it under a
   * lease that ended soon after this process came to be alone.
   */
  #trustedFrom({ generation, isSettled }: Recorded, { aloneSince }: Seen): number {
    if (isSettled) return -Infinity;
    if (this.#generation?.number !== generation) return Infinity;
    const { since, replaced } = this.#generation;
    const { cacheTtlMs, leaseMs, margin } = this.#timings;
    const isSuccessor = replaced != null && isInProcess(replaced.identity) && replaced.isSettled;
    if (aloneSince !== undefined && isSuccessor) return aloneSince + leaseMs * margin;
    return since + cacheTtlMs * margin;
  }

  /** What is recorded once `identity` is known: what was found, or put in its place. Notes since when, at the latest. */
  async #recorded(identity: string, found: Recorded | null): Promise<Recorded> {
    const recorded = found?.identity === identity ? found : await this.#record.replace(found, identity);
    const { generation } = recorded;
    // Answers may overtake each other; generations only grow.
    if (this.#generation === undefined || this.#generation.number < generation) {
      const isOurs = generation === (found?.generation ?? 0) + 1;
      this.#generation = {
        number: generation,
        since: this.#clock.now(),
        replaced: isOurs ? found : undefined,
      };
    }
    return recorded;
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
