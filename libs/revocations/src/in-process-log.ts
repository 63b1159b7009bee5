import { randomUUID } from 'node:crypto';
import type {
  Entry,
  Look,
  LookRequest,
  Member,
  Position,
  Renewal,
  RenewalRequest,
  RevocationLog,
  Invalidation,
} from './revocation-log.js';

/** How many entries are kept. A gateway that lags further behind sees a gap and drops everything. */
const MAX_ENTRIES = 10_000;

/** What identities of logs within a process begin with. */
const PREFIX = 'in-process:';

/** Whether an identity is that of a log within a process. */
export function isInProcess(identity: string): boolean {
  return identity.startsWith(PREFIX);
}

/**
 * Asks whether this process alone serves the database, and does not answer from memory: resolves with since when, on
 * its clock, without interruption; rejects when that is not certain.
 */
export type AskWhetherAlone = () => Promise<number>;

/**
 * A log for keys and gateway in one process. Its memory is the process', so it cannot lose anything. But another
 * process may come to serve the same database, and have a log of its own: so nothing is renewed and nothing published
 * unless the database, asked each time, says that this process is alone.
 */
export class InProcessLog implements RevocationLog {
  readonly #identity: string;
  readonly #soon: (happen: () => void) => void;
  #askWhetherAlone: AskWhetherAlone;
  readonly #members = new Map<string, Member>();
  readonly #onAdded = new Set<() => void>();
  readonly #onAcknowledged = new Set<(number: number) => void>();
  #entries: Entry[] = [];
  #last = 0;

  /** `name` and `soon`, which rings the doorbell, are for a simulation that must replay exactly. */
  constructor({
    name = randomUUID(),
    soon = setImmediate,
    askWhetherAlone = () => Promise.resolve(-Infinity),
  }: { name?: string; soon?: (happen: () => void) => void; askWhetherAlone?: AskWhetherAlone } = {}) {
    this.#identity = `${PREFIX}${name}`;
    this.#soon = soon;
    this.#askWhetherAlone = askWhetherAlone;
  }

  /** From now on, the log is of use only while that resolves. Called once the database is open. */
  dependOn(askWhetherAlone: AskWhetherAlone): void {
    this.#askWhetherAlone = askWhetherAlone;
  }

  async add(target: Invalidation): Promise<{ identity: string } & Position> {
    await this.#askWhetherAlone();
    const number = ++this.#last;
    this.#entries.push({ number, target });
    if (this.#entries.length > 2 * MAX_ENTRIES) this.#entries = this.#entries.slice(-MAX_ENTRIES);
    for (const listener of this.#onAdded) this.#soon(listener);
    return { identity: this.#identity, ...this.#at(number) };
  }

  async renew({ instance, beat, identity, position }: RenewalRequest): Promise<Renewal> {
    await this.#askWhetherAlone();
    const isKnown = identity === this.#identity && this.#holds(position);
    this.#members.set(instance, { instance, beat, acknowledged: isKnown ? position.number : -1 });
    const entries = isKnown ? this.#entries.filter(({ number }) => number > position.number) : [];
    return { identity: this.#identity, isKnown, last: this.#at(this.#last), entries };
  }

  acknowledge(instance: string, position: Position): Promise<void> {
    const member = this.#members.get(instance);
    const { number } = position;
    if (member !== undefined && member.acknowledged < number && this.#holds(position)) {
      this.#members.set(instance, { ...member, acknowledged: number });
      const isLast = [...this.#members.values()].every(({ acknowledged }) => acknowledged >= number);
      if (isLast) for (const listener of this.#onAcknowledged) this.#soon(() => listener(number));
    }
    return Promise.resolve();
  }

  async look({ reference, own }: LookRequest): Promise<Look> {
    const aloneSince = await this.#askWhetherAlone();
    return {
      identity: this.#identity,
      members: [...this.#members.values()],
      isIntact: reference !== null,
      holdsOwn: own !== undefined && this.#holds(own),
      marks: [],
      aloneSince,
    };
  }

  members(): Promise<readonly Member[]> {
    return Promise.resolve([...this.#members.values()]);
  }

  remove(instance: string, beat?: number): Promise<void> {
    const member = this.#members.get(instance);
    if (beat === undefined || member?.beat === beat) this.#members.delete(instance);
    return Promise.resolve();
  }

  removeMark(): Promise<void> {
    return Promise.resolve();
  }

  onAdded(listener: () => void): () => void {
    this.#onAdded.add(listener);
    return () => this.#onAdded.delete(listener);
  }

  onAcknowledged(listener: (number: number) => void): () => void {
    this.#onAcknowledged.add(listener);
    return () => this.#onAcknowledged.delete(listener);
  }

  close(): Promise<void> {
    this.#onAdded.clear();
    this.#onAcknowledged.clear();
    return Promise.resolve();
  }

  /** There is one history here, so a token need only name the log. */
  #at(number: number): Position {
    return { number, token: this.#identity };
  }

  #holds({ number, token }: Position): boolean {
    return token === this.#identity && number <= this.#last;
  }
}
