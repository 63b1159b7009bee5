import { type Socket, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a connection has ended. */
export interface Ended {
  /** What was answered on it, headers and all; empty where nothing was. */
  readonly answer: string;
  readonly afterMs: number;
}

/** A client that takes its time: a connection to a port of this machine, and what it sends. */
export class SlowClient {
  readonly #socket: Socket;
  readonly #beganAt = performance.now();
  #answer = '';
  /** Resolves when the other end has ended the connection. */
  readonly ended: Promise<Ended>;

  /** `staysOpen`: it does not hang up when the other end does. */
  constructor(port: number, says: string, { staysOpen = false } = {}) {
    this.#socket = connect({ port, host: '127.0.0.1', allowHalfOpen: staysOpen });
    // A connection may be reset, which is an end.
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

  /** What was answered so far. */
  get answer(): string {
    return this.#answer;
  }

  /** Says `text` again and again, every `everyMs` milliseconds, until the other end has had enough. */
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

  /** Reads nothing from now on. */
  stopReading(): this {
    this.#socket.pause();
    return this;
  }

  hangUp(): void {
    this.#socket.destroy();
  }
}
