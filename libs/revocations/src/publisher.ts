import type { Clock } from '#libs/clock';
import { AcknowledgmentBell } from './acknowledgment-bell.js';
import type { IdentityRecord, Recorded } from './identity-record.js';
import { isInProcess } from './in-process-log.js';
import type { Position, RevocationLog, Invalidation } from './revocation-log.js';
import { LogSight, type Seen, type SeenMember } from './sight.js';
import type { Timings } from './timings.js';

/** How a revocation came into effect. */
export interface Propagation {
  /** `acknowledged` by every gateway; every earlier `lease` has expired; every cached answer has expired (`cache-ttl`). */
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

/** Where a change is in the log. */
interface LoggedChange {
  readonly identity: string;
  readonly position: Position;
  /** When adding it was confirmed. */
  readonly addedAt: number;
}

/** The progress of a change: where it was added, and what was recorded since. */
interface Progress {
  added?: LoggedChange | undefined;
  recorded?: Recorded | undefined;
}

/** The generation that was read last, when it was first read, and which record it replaced. */
interface Generation {
  readonly number: number;
  readonly since: number;
  readonly replaced: Recorded | null | undefined;
}

/**
 * Makes committed revocations effective: adds them to the log, and waits until no gateway can use what it has cached.
 *
 * Three ways, whichever comes first: every gateway has acknowledged the entry or has lost its lease; every lease that
 * was held when the entry was added has expired; everything cached before the commit has expired. The first two consider
 * only the gateways that follow this log, and so count only while no other gateway can have anything cached.
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
    /** Watches the log. */
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
   * confirmed) is in effect everywhere. Never rejects: if the log is unavailable, it resolves when all caches have expired.
   * `onAdded` is called once the log has the change: from then on nobody else needs to add it.
   */
  async publish(
    target: Invalidation,
    committedAt: number,
    onAdded: () => void = () => undefined,
  ): Promise<Propagation> {
    const deadline = committedAt + this.#timings.cacheTtlMs * this.#timings.margin;
    const done = new AbortController();
    // Does not wait for what is in progress at the deadline: a log that does not answer would take half a second more.
    const overdue = this.#clock.wait(deadline - this.#clock.now(), done.signal).then(() => undefined);
    const effect = await Promise.race([this.#attempts({ target, committedAt, deadline, onAdded }), overdue]);
    // With a reason, so that no error is made.
    done.abort('done');
    return effect ?? { how: 'cache-ttl', gateways: 0, waitedMs: this.#clock.now() - committedAt };
  }

  /**
   * Looks at the log, and records its identity if it is new. Called every `lookEveryMs`, so that a revocation need not wait
   * for either. Rejects if the log or the record cannot be reached.
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
   * Adds the change to the log and looks at the log repeatedly, until a look shows that the change is in effect or the
   * deadline has come. An entry that is there is not added again: a log that can be written but not read must not fill up.
   */
  async #attempts(change: Committed): Promise<Propagation | undefined> {
    const bell = new AcknowledgmentBell(this.#log, this.#clock);
    const progress: Progress = {};
    try {
      for (const pauseMs of this.#pauses(change.deadline)) {
        // If a step fails, Redis or PostgreSQL is unavailable. Both are tried again, and at the deadline neither is needed.
        await this.#advance(change, progress).catch(() => undefined);
        await bell.wait(pauseMs, progress.added?.position.number);
        const effect = await this.#look(change, progress).catch(() => undefined);
        if (effect !== undefined) return effect;
      }
      return undefined;
    } finally {
      bell.close();
    }
  }

  /** Adds the change, and reads the record: after the commit, so that what is cached under a later one is newer, too. */
  async #advance(change: Committed, progress: Progress): Promise<void> {
    const [adding, reading] = await Promise.allSettled([
      progress.added ?? this.#add(change),
      progress.recorded ?? this.#record.read(),
    ]);
    if (adding.status === 'rejected') return;
    progress.added = adding.value;
    if (reading.status === 'rejected') return;
    progress.recorded = await this.#recorded(adding.value.identity, reading.value);
  }

  /** Looks, if both logs are the same; forgets what is of no use for the next attempt. */
  async #look(change: Committed, progress: Progress): Promise<Propagation | undefined> {
    const { added, recorded } = progress;
    if (added === undefined || recorded === undefined) return undefined;
    const isSameLog = recorded.identity === added.identity;
    const effect = isSameLog ? await this.#effect(change, added, recorded) : undefined;
    if (effect === 'lost') progress.added = undefined;
    if (effect === 'lost' || !isSameLog) progress.recorded = undefined;
    return effect === 'lost' ? undefined : effect;
  }

  async #add({ target, onAdded }: Committed): Promise<LoggedChange> {
    const { identity, ...position } = await this.#log.add(target);
    onAdded();
    return { identity, position, addedAt: this.#clock.now() };
  }

  /** What a look shows; `lost`: the log is another one, or lacks the entry, which must be added again. */
  async #effect(
    change: Committed,
    added: LoggedChange,
    recorded: Recorded,
  ): Promise<Propagation | 'lost' | undefined> {
    const seen = await this.#sight.look(added.position);
    if (seen === undefined) return undefined;
    if (seen.identity !== added.identity || !seen.holdsOwn) return 'lost';
    // All waiting counts up to when the look was sent: its answer may have taken long.
    const { sentAt, members, watchedSince } = seen;
    if (sentAt < this.#trustedFrom(recorded, seen)) return undefined;
    const leaseMs = this.#timings.leaseMs * this.#timings.margin;
    const confirmed = members.filter(({ acknowledged }) => acknowledged >= added.position.number);
    const facts = { gateways: confirmed.length, waitedMs: this.#clock.now() - change.committedAt };
    // All lease holders are known only once the log has been watched for as long as a lease can last.
    const areAllKnown = sentAt - watchedSince >= leaseMs;
    const isDone = (member: SeenMember): boolean =>
      confirmed.includes(member) || sentAt - member.standsStillSince >= leaseMs;
    if (areAllKnown && members.every(isDone)) return { how: 'acknowledged', ...facts };
    if (sentAt - added.addedAt >= leaseMs) return { how: 'lease', ...facts };
    return undefined;
  }

  /**
   * The time from which only followers of the recorded log can use anything cached. An answer that is cached under an
   * earlier identity was asked for before this one was recorded, and so has expired once a cache's lifetime has passed since
   * then. If all of those were cached within one process, that is sooner: that process used them under a lease, which
   * expired soon after this process came to be alone.
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

  /** The record once `identity` is known: what was found, or what replaced it. Keeps when it was first read, at the latest. */
  async #recorded(identity: string, found: Recorded | null): Promise<Recorded> {
    const recorded = found?.identity === identity ? found : await this.#record.replace(found, identity);
    const { generation } = recorded;
    // Answers may overtake each other, but generations only grow.
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

  /**
   * The pauses until the deadline, in milliseconds: each an eighth of the time since the first. The first is the time that
   * gateways need, or none if there are no gateways.
   */
  *#pauses(deadline: number): Generator<number> {
    const { fastestPollMs, slowestPollMs } = this.#timings;
    const beganAt = this.#clock.now();
    if (this.#sight.gateways === 0) yield 0;
    for (let now = beganAt; now < deadline; now = this.#clock.now()) {
      const ms = Math.min(Math.max((now - beganAt) / 8, fastestPollMs), slowestPollMs);
      yield Math.min(ms, deadline - now);
    }
  }
}
