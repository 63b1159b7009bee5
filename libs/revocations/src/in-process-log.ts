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

/** How many entries are kept. A gateway that lags further behind finds a gap and drops everything. */
const MAX_ENTRIES = 10_000;

/** The prefix of the identities of in-process logs. */
const PREFIX = 'in-process:';

/** Whether an identity belongs to an in-process log. */
export function isInProcess(identity: string): boolean {
  return identity.startsWith(PREFIX);
}

/**
 * Asks whether this process alone serves the database, never from memory. Resolves with the time on this process's clock
 * since when it has been alone without interruption; rejects when that is not certain.
 */
export type AskWhetherAlone = () => Promise<number>;

/**
 * A log for keys and gateway in one process. It cannot lose anything, since its memory is the process's. But another
 * process may come to serve the same database, with its own log: so nothing is renewed or published unless the database,
 * asked each time, confirms that this process is alone.
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

  /** `name`, and `soon`, which rings the doorbell, let a simulation replay exactly. */
  constructor({
    name = randomUUID(),
    soon = setImmediate,
    askWhetherAlone = () => Promise.resolve(-Infinity),
  }: { name?: string; soon?: (happen: () => void) => void; askWhetherAlone?: AskWhetherAlone } = {}) {
    this.#identity = `${PREFIX}${name}`;
    this.#soon = soon;
    this.#askWhetherAlone = askWhetherAlone;
  }

  /** From now on, the log works only while `askWhetherAlone` resolves. Called once the database is open. */
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

  /** There is only one history here, so the log's name serves as the token. */
  #at(number: number): Position {
    return { number, token: this.#identity };
  }

  #holds({ number, token }: Position): boolean {
    return token === this.#identity && number <= this.#last;
  }
}
