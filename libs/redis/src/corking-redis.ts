import { type Command, Redis, type RedisOptions } from 'ioredis';
import { BatchedWrites } from '#libs/event-loop';
import { RedisUnavailable, type Server, describeFailure } from './describe-failure.js';

/** How many commands are one write at most: Redis works on those while the next are made. */
const MAX_BATCH = 32;

/** Without what changes the shape of answers. */
export type ConnectionOptions = Omit<RedisOptions, 'protocol' | 'replyMapping'>;

/**
 * ioredis, but for two things.
 *
 * The commands of one turn of the event loop are one write. Its own way to that, `enableAutoPipelining`, took as much
 * processor time as it saved, and made the 99th percentile of counted requests twice as long.
 *
 * A command that fails for want of a connection is rejected with a {@link RedisUnavailable}, which says why there is
 * none. ioredis says what a command met in its own state, and keeps the cause to itself.
 */
export class CorkingRedis extends Redis {
  readonly #writes = new BatchedWrites(MAX_BATCH);
  readonly #server: Server;
  /** What has happened to the connection last. */
  #lastError: Error | undefined;
  #wasEverReady = false;

  /** `url`: the address; `redis://` where the options name sentinels instead. */
  constructor(server: Server, url: string, options: ConnectionOptions) {
    super(url, options);
    this.#server = server;
    this.on('error', (err: Error) => (this.#lastError = err));
    this.on('ready', () => {
      this.#wasEverReady = true;
      this.#lastError = new Error('the connection was closed');
    });
  }

  /** Why there is no connection, while there is none. */
  get failure(): RedisUnavailable {
    const isUnanswered = !this.#wasEverReady && isHangUp(this.#lastError);
    return describeFailure(isUnanswered ? undefined : this.#lastError, this.#server);
  }

  override sendCommand(command: Command, stream?: Parameters<Redis['sendCommand']>[1]): unknown {
    // With a stream of its own, it belongs to a pipeline, which is one write already.
    if (stream !== undefined) return super.sendCommand(command, stream);
    // In its own place: a promise that follows the command's would cost every command, and not only those that fail.
    const { reject } = command;
    command.reject = (err) => reject(this.#describe(err));
    return this.status === 'ready'
      ? this.#writes.write(this.stream, () => super.sendCommand(command))
      : super.sendCommand(command);
  }

  #describe(err: Error): Error {
    if (err instanceof RedisUnavailable || err.name === 'ReplyError') return err;
    const isLate = err.message === 'Command timed out';
    return isLate ? describeFailure(new Error('no answer in time'), this.#server) : this.failure;
  }
}

/** Whether the other end has only closed the connection. */
function isHangUp(err: Error | undefined): boolean {
  return err === undefined || ('code' in err && (err.code === 'ECONNRESET' || err.code === 'EPIPE'));
}
