import { type Socket, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a connection has ended. */
export interface Ended {
  /** The response on it, including headers; empty if there was none. */
  readonly answer: string;
  readonly afterMs: number;
}

/** A slow client: a connection to a port of this machine, and what it sends. */
export class SlowClient {
  readonly #socket: Socket;
  readonly #beganAt = performance.now();
  #answer = '';
  /** Resolves when the server has closed the connection. */
  readonly ended: Promise<Ended>;

  /** `staysOpen`: it does not close its end when the server does. */
  constructor(port: number, says: string, { staysOpen = false } = {}) {
    this.#socket = connect({ port, host: '127.0.0.1', allowHalfOpen: staysOpen });
    // A reset counts as an end.
    this.#socket
      .on('error', () => undefined)
      .on('data', (chunk: Buffer) => (this.#answer += chunk.toString()));
    this.ended = new Promise((resolve) => {
      this.#socket.on('close', () =>
        resolve({ answer: this.#answer, afterMs: performance.now() - this.#beganAt }),
      );
    });
    this.#socket.write(says);
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  /** The response so far. */
  get answer(): string {
    return this.#answer;
  }

  /** Sends `text` every `everyMs` milliseconds, until the server closes the connection. */
  async dribble(text: string, everyMs: number): Promise<Ended> {
    while (this.isOpen) {
      this.#socket.write(text);
      await sleep(everyMs);
    }
    return this.ended;
  }

  say(text: string): void {
    this.#socket.write(text);
  }

  /** Stops reading. */
  stopReading(): this {
    this.#socket.pause();
    return this;
  }

  hangUp(): void {
    this.#socket.destroy();
  }
}
