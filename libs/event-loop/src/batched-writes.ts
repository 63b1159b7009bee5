import type { Writable } from 'node:stream';

/**
 * Makes one system call of what is written to a stream in one turn of the event loop: of many short messages, it is the
 * calls that cost, and that each wakes the other end. It corks the stream, as Node's documentation has it for "several
 * small chunks in rapid succession", until the turn is over. Nobody waits for company: a turn ends as soon as there is
 * nothing more to do at once, and a single write is sent then.
 */
export class BatchedWrites {
  readonly #most: number;
  #corked: Writable | undefined;
  /** How many writes the corked stream holds. */
  #held = 0;
  /** Whether the end of this turn is waited for. */
  #endsTurn = false;

  /** With at most `most` writes in one call: the other end can begin with those while the rest are made. */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Makes a write to the stream. The last of as many as go together sends them at once, not when the next one comes: what
   * the other end does in groups of that size, it answers in groups of that size.
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
    if (this.#held === this.#most) this.#send();
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
