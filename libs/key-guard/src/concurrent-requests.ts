/**
 * The requests of each key that are under way in this process, streams included. One key must not use up what all keys
 * share: connections to the services behind, and memory.
 */
export class ConcurrentRequests {
  readonly #open = new Map<string, number>();

  /** `max`: how many of one key there may be. */
  constructor(readonly max: number) {}

  /** Whether there was room for one more of the key: then it is counted, until {@link end}. */
  begin(keyId: string): boolean {
    const open = this.#open.get(keyId) ?? 0;
    if (open >= this.max) return false;
    this.#open.set(keyId, open + 1);
    return true;
  }

  /** One that was begun is over. */
  end(keyId: string): void {
    const open = this.#open.get(keyId) ?? 0;
    if (open > 1) this.#open.set(keyId, open - 1);
    else this.#open.delete(keyId);
  }
}
