import { randomUUID } from 'node:crypto';
import type { Clock } from '#libs/clock';
import type { Look, Mark, Member, Position, RevocationLog } from './revocation-log.js';
import type { Timings } from './timings.js';

/** A gateway as a publisher has seen it. */
export interface SeenMember extends Member {
  /** When its beat was first seen: it has not renewed between then and when the look was sent. */
  readonly standsStillSince: number;
}

/** What a look showed. Times are readings of this process's clock. */
export interface Seen extends Pick<Look, 'identity' | 'holdsOwn' | 'aloneSince'> {
  readonly members: readonly SeenMember[];
  /** When the look was sent: what it shows is at least as new as that. */
  readonly sentAt: number;
  /** Since when the log has been watched: its memory has not gone back since then. */
  readonly watchedSince: number;
}

/** A period in which the log was watched without interruption. */
interface Sight {
  readonly id: string;
  readonly identity: string;
  readonly since: number;
  looks: number;
  /** The newest look that was answered. */
  reference: { readonly look: number; readonly sentAt: number };
}

/**
 * Watches a log, so that a publisher knows for how long it has known all gateways that follow it.
 *
 * A log whose memory goes back forgets gateways that registered since, and these may hold leases. So each look leaves a
 * mark, and checks whether the previous look's mark is still there. If it is gone, if the identity is another, or if too
 * much time has passed between two looks, the sight is lost: a new one is opened, and what was seen is forgotten.
 */
export class LogSight {
  readonly #log: RevocationLog;
  readonly #clock: Clock;
  readonly #timings: Timings;
  readonly #publisher: string;
  readonly #newName: () => string;
  readonly #beats = new LastChanges();
  readonly #marks = new LastChanges();
  #sight: Sight | undefined;
  #opening: Promise<void> | undefined;

  constructor(parts: {
    log: RevocationLog;
    clock: Clock;
    timings: Timings;
    /** Makes unique names; a simulation must be able to replay them. */
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
   * Looks at the log, and for the caller's entry if one is given. Undefined if the sight was lost with this look or in the
   * meantime: then it shows nothing reliable. Rejects if the log cannot be reached.
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

  /** Leaves the first mark. One at a time: a second would overwrite it. */
  #open(): Promise<void> {
    this.#opening ??= this.#openNow().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  async #openNow(): Promise<void> {
    const [id, sentAt] = [this.#newName(), this.#clock.now()];
    const found = await this.#log.look({ publisher: this.#publisher, sight: id, look: 1, reference: null });
    // Counted from the answer: the mark was left some time before, and shows what happens to the log from then on.
    const since = this.#clock.now();
    this.#beats.clear();
    this.#marks.clear();
    this.#note(found, since);
    this.#sight = { id, identity: found.identity, since, looks: 1, reference: { look: 1, sentAt } };
  }

  /** Records who is there, and removes from the log those that have not been heard from for long. */
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

  // If a removal fails, a later look finds it again.
  #forgetMember({ instance, beat }: Member): void {
    this.#log.remove(instance, beat).catch(() => undefined);
  }

  #forgetMark(mark: Mark): void {
    this.#log.removeMark(mark).catch(() => undefined);
  }
}

/** Values by name, and when each last changed. */
class LastChanges {
  readonly #values = new Map<string, { readonly value: string | number; readonly since: number }>();

  get size(): number {
    return this.#values.size;
  }

  /** Since when `name` has had `value`; `now` if it had another one before. */
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
