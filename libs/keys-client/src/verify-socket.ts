import type { Socket } from 'node:net';
import { JsonSocket } from '@nestjs/microservices';
import { TurnWrites } from '#libs/turn-writes';
import { VERIFY_MESSAGE_LIMIT } from './verify-contract.js';

/** How many messages are one write at most: the other end works on those while the next are made. */
const TOGETHER = 16;

/** How many bytes may wait for an end that does not read: a gateway with a hundred thousand questions has half of it. */
const SEND_LIMIT = 64 * 1024 * 1024;

/**
 * A connection of the verify door, at either end of it: Nest's own, but for what many messages cost. Those that are sent
 * in one turn of the event loop are one write, up to sixteen of them, since it is the system call that costs, more than
 * all else of a message. Nobody waits longer for it: the turn ends as soon as there is nothing more to do at once.
 *
 * A write leaves at once (TCP_NODELAY). Otherwise it would wait until the other end has acknowledged the one before (RFC
 * 9293 section 3.7.4), which that puts off for 40 ms when it has nothing to answer yet: a question that takes a bcrypt run
 * would hold up every question behind it.
 *
 * It goes on reading while what it has written waits. Nest's stops, and two ends that do so wait for each other for ever
 * once both have more to say than the system takes: questions in a storm, and their answers. What waits is bounded.
 */
export class VerifySocket extends JsonSocket {
  readonly #socket: Socket;
  readonly #writes = new TurnWrites(TOGETHER);

  constructor(socket: Socket) {
    super(socket, { maxBufferSize: VERIFY_MESSAGE_LIMIT });
    socket.setNoDelay();
    this.#socket = socket;
  }

  protected override handleSend(message: unknown, callback?: (err?: unknown) => void): void {
    const text = JSON.stringify(message);
    this.#writes.write(this.#socket, () => this.#socket.write(`${text.length}#${text}`, callback));
    if (this.#socket.writableLength > SEND_LIMIT)
      this.#socket.destroy(new Error(`the other end of the verify door has left ${SEND_LIMIT} bytes unread`));
  }
}
