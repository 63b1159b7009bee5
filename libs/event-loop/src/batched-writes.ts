import type { Writable } from 'node:stream';

/**
 * Combines what is written to a stream in one turn of the event loop into one system call: with many short messages, the
 * calls are what costs, and that each wakes the other end. It corks the stream, as Node's documentation suggests for
 * "several small chunks in rapid succession", until the turn is over. This does not delay a single write: a turn ends as
 * soon as there is nothing more to do at once.
 */
export class BatchedWrites {
  readonly #max: number;
  #corked: Writable | undefined;
  /** How many writes the corked stream holds. */
  #held = 0;
  /** Whether the end of this turn is awaited. */
  #endsTurn = false;

  /** At most `max` writes share a call, so that the other end can start with those while the rest are made. */
  constructor(max: number) {
    this.#max = max;
  }

  /**
   * Runs `write`, which writes to the stream. The last write of a full batch sends it at once, and not when the next write
   * comes, so that the other end works on, and answers, whole batches.
   */
  write<T>(stream: Writable, write: () => T): T {
    if (stream !== this.#corked) {
      this.#send();
      this.#corked = stream;
      stream.cork();
    }
    this.#sendLater();
    const result = write();
    this.#held++;
    if (this.#held === this.#max) this.#send();
    return result;
  }

  #sendLater(): void {
    if (this.#endsTurn) return;
    this.#endsTurn = true;
    setImmediate(() => {
      this.#endsTurn = false;
      this.#send();
    });
  }

  #send(): void {
    this.#corked?.uncork();
    this.#corked = undefined;
    this.#held = 0;
  }
}
