import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { BatchedWrites } from '#libs/event-loop';
import { MAX_MESSAGE_LENGTH } from '#libs/keys-contract';
import { FrameError, FrameReader } from './frame-reader.js';

/** The maximum number of messages in one write: the other end works on those while the next are made. */
const MAX_BATCH = 16;

/** The maximum number of bytes that wait for a peer that does not read: twice what a hundred thousand questions take. */
const SEND_LIMIT = 64 * 1024 * 1024;

/** How long to wait for each further part of a message, in milliseconds. */
const REST_TIMEOUT_MS = 30_000;

/** How long a peer that has sent an invalid message has to close the connection, in milliseconds. */
const HANG_UP_MS = 2000;

/**
 * Messages over a connection of the verification RPC, at either end: in the frames of Nest's TCP transport, but efficient
 * for many. Those that are sent in one turn of the event loop share a write, up to sixteen of them, since the system call
 * costs more than everything else about a message. This does not delay a single message: a turn ends as soon as there is
 * nothing more to do at once.
 *
 * A write is sent at once (TCP_NODELAY). Otherwise it would wait until the peer has acknowledged the one before (RFC 9293
 * section 3.7.4), which the peer delays by 40 ms if it has nothing to answer yet: a question that takes a bcrypt run would
 * hold up every question behind it.
 *
 * It keeps reading while its own writes wait. Nest's stops, and two ends that do so wait for each other forever once both
 * have more to send than the system buffers: a storm of questions, and their answers. What waits is bounded.
 *
 * Its errors, which the socket emits, do not quote what cannot be read, whereas Nest's quote all of it.
 */
export class FramedSocket {
  readonly #socket: Socket;
  readonly #onMessage: (message: unknown) => void;
  readonly #writes = new BatchedWrites(MAX_BATCH);
  readonly #decoder = new StringDecoder();
  readonly #reader = new FrameReader(MAX_MESSAGE_LENGTH);
  #rest: NodeJS.Timeout | undefined;
  #isBroken = false;

  constructor(socket: Socket, onMessage: (message: unknown) => void) {
    socket.setNoDelay();
    socket.once('close', () => clearTimeout(this.#rest));
    this.#socket = socket;
    this.#onMessage = onMessage;
  }

  /** Sends a message. `callback` is called once the system has it. */
  send(message: unknown, callback?: (err?: Error | null) => void): void {
    const text = JSON.stringify(message);
    this.#writes.write(this.#socket, () => this.#socket.write(`${text.length}#${text}`, callback));
    if (this.#socket.writableLength > SEND_LIMIT)
      this.#socket.destroy(
        new Error(`the other end of the verification RPC has left ${SEND_LIMIT} bytes unread`),
      );
  }

  /** Takes what the socket has received. */
  receive(data: Buffer | string): void {
    if (this.#isBroken) return;
    try {
      const text = typeof data === 'string' ? data : this.#decoder.write(data);
      for (const frame of this.#reader.read(text)) this.#onMessage(messageIn(frame));
      this.#waitForRest();
    } catch (err) {
      if (!(err instanceof FrameError)) throw err;
      this.#isBroken = true;
      clearTimeout(this.#rest);
      this.#socket.emit('error', err);
      this.#socket.end();
      setTimeout(() => this.#socket.destroy(), HANG_UP_MS).unref();
    }
  }

  /** Closes the connection if a peer stops in the middle of a message, which is held in memory until then. */
  #waitForRest(): void {
    if (!this.#reader.isWithin) {
      clearTimeout(this.#rest);
      this.#rest = undefined;
    } else if (this.#rest === undefined) {
      this.#rest = setTimeout(
        () => this.#socket.destroy(new FrameError('the rest of it did not arrive')),
        REST_TIMEOUT_MS,
      ).unref();
    } else this.#rest.refresh();
  }
}

function messageIn(frame: string): unknown {
  try {
    return JSON.parse(frame) ?? {};
  } catch {
    throw new FrameError('it is not JSON');
  }
}
