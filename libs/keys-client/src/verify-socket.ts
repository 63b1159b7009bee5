import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { TcpSocket } from '@nestjs/microservices';
import { BatchedWrites } from '#libs/event-loop';
import { MAX_MESSAGE_LENGTH } from '#libs/keys-contract';
import { FrameError, FrameReader } from './frame-reader.js';

/** How many messages are one write at most: the other end works on those while the next are made. */
const MAX_BATCH = 16;

/** How many bytes may wait for an end that does not read: a gateway with a hundred thousand questions has half of it. */
const SEND_LIMIT = 64 * 1024 * 1024;

/** How long the rest of a message may take to come, each piece of it, in milliseconds. */
const REST_TIMEOUT_MS = 30_000;

/** How long an end that has sent what is no message may take to hang up, in milliseconds. */
const HANG_UP_MS = 2000;

/**
 * A connection of the verification RPC, at either end of it: Nest's own, but for what many messages cost. Those that are sent
 * in one turn of the event loop are one write, up to sixteen of them, since it is the system call that costs, more than
 * all else of a message. Nobody waits longer for it: the turn ends as soon as there is nothing more to do at once.
 *
 * A write leaves at once (TCP_NODELAY). Otherwise it would wait until the other end has acknowledged the one before (RFC
 * 9293 section 3.7.4), which that puts off for 40 ms when it has nothing to answer yet: a question that takes a bcrypt run
 * would hold up every question behind it.
 *
 * It goes on reading while what it has written waits. Nest's stops, and two ends that do so wait for each other for ever
 * once both have more to say than the system takes: questions in a storm, and their answers. What waits is bounded.
 *
 * What it cannot read it does not quote, where Nest's puts all of it into the message of its error.
 */
export class VerifySocket extends TcpSocket {
  readonly #socket: Socket;
  readonly #writes = new BatchedWrites(MAX_BATCH);
  readonly #decoder = new StringDecoder();
  readonly #reader = new FrameReader(MAX_MESSAGE_LENGTH);
  #rest: NodeJS.Timeout | undefined;
  #isBroken = false;

  constructor(socket: Socket) {
    super(socket);
    socket.setNoDelay();
    socket.once('close', () => clearTimeout(this.#rest));
    this.#socket = socket;
  }

  protected override handleData(data: Buffer | string): void {
    if (this.#isBroken) return;
    try {
      const text = typeof data === 'string' ? data : this.#decoder.write(data);
      for (const message of this.#reader.read(text)) this.emitMessage(message);
      this.#waitForRest();
    } catch (err) {
      if (!(err instanceof FrameError)) throw err;
      this.#isBroken = true;
      clearTimeout(this.#rest);
      this.handleDataError(err);
      setTimeout(() => this.#socket.destroy(), HANG_UP_MS).unref();
    }
  }

  protected override emitMessage(text: string): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      throw new FrameError('it is not JSON');
    }
    this.#socket.emit('message', message ?? {});
  }

  protected override handleSend(message: unknown, callback?: (err?: unknown) => void): void {
    const text = JSON.stringify(message);
    this.#writes.write(this.#socket, () => this.#socket.write(`${text.length}#${text}`, callback));
    if (this.#socket.writableLength > SEND_LIMIT)
      this.#socket.destroy(
        new Error(`the other end of the verification RPC has left ${SEND_LIMIT} bytes unread`),
      );
  }

  /** An end that stops in the middle of a message is hung up on: what has come of it is held until then. */
  #waitForRest(): void {
    if (!this.#reader.isWithin) {
      clearTimeout(this.#rest);
      this.#rest = undefined;
    } else if (this.#rest === undefined) {
      this.#rest = setTimeout(
        () => this.handleDataError(new FrameError('the rest of it does not come'), { destroy: true }),
        REST_TIMEOUT_MS,
      ).unref();
    } else this.#rest.refresh();
  }
}
