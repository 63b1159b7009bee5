import { randomUUID } from 'node:crypto';
import type { Entry, Member, Position, Renewal, RevocationLog, Target } from './revocation-log.js';

/** How many entries are kept. A gateway that lags further behind sees a gap and drops everything. */
const KEPT = 10_000;

/** A log for keys and gateway in one process. It lives and dies with what follows it, so its identity is certain. */
export class InProcessLog implements RevocationLog {
  readonly identityIsCertain = true;
  readonly #identity: string;
  readonly #soon: (happen: () => void) => void;
  readonly #members = new Map<string, Member>();
  readonly #listeners = new Set<() => void>();
  #entries: Entry[] = [];
  #last = 0;

  /** `identity` and `soon`, which rings the doorbell, are for a simulation that must replay exactly. */
  constructor({
    identity = randomUUID(),
    soon = setImmediate,
  }: { identity?: string; soon?: (happen: () => void) => void } = {}) {
    this.#identity = identity;
    this.#soon = soon;
  }

  add(target: Target): Promise<{ identity: string; number: number }> {
    const number = ++this.#last;
    this.#entries.push({ number, target });
    if (this.#entries.length > 2 * KEPT) this.#entries = this.#entries.slice(-KEPT);
    for (const listener of this.#listeners) this.#soon(listener);
    return Promise.resolve({ identity: this.#identity, number });
  }

  renew({ instance, identity, position }: Position): Promise<Renewal> {
    const followsThis = identity === this.#identity;
    const renewals = (this.#members.get(instance)?.renewals ?? 0) + 1;
    this.#members.set(instance, { instance, renewals, acknowledged: followsThis ? position : -1 });
    const entries = followsThis ? this.#entries.filter(({ number }) => number > position) : [];
    return Promise.resolve({ identity: this.#identity, last: this.#last, entries });
  }

  acknowledge({ instance, identity, position }: Position): Promise<void> {
    const member = this.#members.get(instance);
    if (member !== undefined && identity === this.#identity) {
      this.#members.set(instance, { ...member, acknowledged: position });
    }
    return Promise.resolve();
  }

  members(): Promise<{ identity: string; members: readonly Member[] }> {
    return Promise.resolve({ identity: this.#identity, members: [...this.#members.values()] });
  }

  remove(instance: string, renewals?: number): Promise<void> {
    const member = this.#members.get(instance);
    if (renewals === undefined || member?.renewals === renewals) this.#members.delete(instance);
    return Promise.resolve();
  }

  onAdded(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    this.#listeners.clear();
    return Promise.resolve();
  }
}
