import { randomUUID } from 'node:crypto';
import type { Clock } from '#libs/clock';
import type { Look, Mark, Member, Position, RevocationLog } from './revocation-log.js';
import type { Timings } from './timings.js';

/** A gateway as a publisher has seen it. */
export interface SeenMember extends Member {
  /** When its beat was first seen: it has not renewed between that and the sending of the look. */
  readonly standsStillSince: number;
}

/** What a look has shown. Times are readings of this process' clock. */
export interface Seen extends Pick<Look, 'identity' | 'holdsOwn' | 'aloneSince'> {
  readonly members: readonly SeenMember[];
  /** When the look was sent: what it shows may have changed since, but not before. */
  readonly sentAt: number;
  /** Since when the log has been watched: its memory has not gone back since. */
  readonly watchedSince: number;
}

/** A time in which the log was watched without interruption. */
interface Sight {
  readonly id: string;
  readonly identity: string;
  readonly since: number;
  looks: number;
  /** The newest look that was answered. */
  reference: { readonly look: number; readonly sentAt: number };
}

/**
 * Watches a log, so that a publisher knows for how long it has known all who follow it.
 *
 * A log whose memory goes back forgets gateways that came since, and these may hold leases. So each look leaves a mark,
 * and finds whether the mark of the look before is still there. When it is not, when the identity is another, or when too
 * much time has passed between two looks, the sight is lost: another one is opened, and what was seen is forgotten.
 */
export class LogSight {
  readonly #log: RevocationLog;
  readonly #clock: Clock;
  readonly #timings: Timings;
  readonly #publisher: string;
  readonly #newName: () => string;
  readonly #beats = new StandingStill();
  readonly #marks = new StandingStill();
  #sight: Sight | undefined;
  #opening: Promise<void> | undefined;

  constructor(parts: {
    log: RevocationLog;
    clock: Clock;
    timings: Timings;
    /** Makes names that nobody else ever makes; a simulation must be able to replay them. */
    newName?: () => string;
  }) {
    this.#log = parts.log;
    this.#clock = parts.clock;
    this.#timings = parts.timings;
    this.#newName = parts.newName ?? randomUUID;
    this.#publisher = this.#newName();
  }

  /** How many gateways follow the log, as of the newest look. */
  get gateways(): number {
    return this.#beats.size;
  }

  /**
   * Looks at the log, and for an entry of one's own if one is given. Undefined when the sight was lost with this look,
   * or on the way: then it shows nothing that can be relied on. Rejects when the log cannot be reached.
   */
  async look(own?: Position): Promise<Seen | undefined> {
    if (this.#sight === undefined) await this.#open();
    const sight = this.#sight;
    if (sight === undefined) return undefined;
    const [sentAt, look, { reference }] = [this.#clock.now(), ++sight.looks, sight];
    const found = await this.#log.look({
      publisher: this.#publisher,
      sight: sight.id,
      look,
      reference: reference.look,
      own,
    });
    if (this.#sight !== sight) return undefined;
    const now = this.#clock.now();
    const isTooLate = now - reference.sentAt > this.#timings.sightMs;
    if (!found.isIntact || found.identity !== sight.identity || isTooLate) {
      this.#sight = undefined;
      return undefined;
    }
    if (look > sight.reference.look) sight.reference = { look, sentAt };
    return { ...found, members: this.#note(found, now), sentAt, watchedSince: sight.since };
  }

  /** Leaves the first mark. One at a time: another one would overwrite it. */
  #open(): Promise<void> {
    this.#opening ??= this.#openNow().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  async #openNow(): Promise<void> {
    const [id, sentAt] = [this.#newName(), this.#clock.now()];
    const found = await this.#log.look({ publisher: this.#publisher, sight: id, look: 1, reference: null });
    // Counted from the answer: the mark was left some time before it, and shows what happens to the log from then on.
    const since = this.#clock.now();
    this.#beats.clear();
    this.#marks.clear();
    this.#note(found, since);
    this.#sight = { id, identity: found.identity, since, looks: 1, reference: { look: 1, sentAt } };
  }

  /** Notes who is there, and lets the log forget those of whom nothing has been heard for long. */
  #note({ members, marks }: Look, now: number): SeenMember[] {
    const { forgetAfterMs } = this.#timings;
    const isForgotten = (since: number): boolean => now - since > forgetAfterMs;
    for (const { publisher, mark } of marks) {
      if (publisher === this.#publisher) continue;
      if (isForgotten(this.#marks.since(publisher, mark, now))) this.#forgetMark({ publisher, mark });
    }
    this.#marks.keepOnly(marks.map(({ publisher }) => publisher));
    const seen = members.map((member) => {
      const standsStillSince = this.#beats.since(member.instance, member.beat, now);
      if (isForgotten(standsStillSince)) this.#forgetMember(member);
      return { ...member, standsStillSince };
    });
    this.#beats.keepOnly(members.map(({ instance }) => instance));
    return seen;
  }

  // What cannot be forgotten now is found again by a later look.
  #forgetMember({ instance, beat }: Member): void {
    this.#log.remove(instance, beat).catch(() => undefined);
  }

  #forgetMark(mark: Mark): void {
    this.#log.removeMark(mark).catch(() => undefined);
  }
}

/** Values by name, and since when each has been the same. */
class StandingStill {
  readonly #values = new Map<string, { readonly value: string | number; readonly since: number }>();

  get size(): number {
    return this.#values.size;
  }

  /** Since when `name` has had `value`: since `now`, if it had another one. */
  since(name: string, value: string | number, now: number): number {
    const before = this.#values.get(name);
    if (before?.value === value) return before.since;
    this.#values.set(name, { value, since: now });
    return now;
  }

  keepOnly(names: readonly string[]): void {
    const kept = new Set(names);
    for (const name of this.#values.keys()) if (!kept.has(name)) this.#values.delete(name);
  }

  clear(): void {
    this.#values.clear();
  }
}
