import { type Command, Redis, type RedisOptions } from 'ioredis';
import { BatchedWrites } from '#libs/event-loop';
import { RedisUnavailable, type Server, describeFailure } from './describe-failure.js';

/** The maximum number of commands in one write: Redis works on those while the next are made. */
const MAX_BATCH = 32;

/** Except those that change the form of answers. */
export type ConnectionOptions = Omit<RedisOptions, 'protocol' | 'replyMapping'>;

/**
 * ioredis with two differences.
 *
 * The commands of one turn of the event loop share a write. ioredis's `enableAutoPipelining` took as much processor time
 * as it saved, and doubled the 99th percentile of counted requests.
 *
 * A command that fails for lack of a connection is rejected with a {@link RedisUnavailable}, which says why there is none.
 * ioredis's error describes its own state, without the cause.
 */
export class CorkingRedis extends Redis {
  readonly #writes = new BatchedWrites(MAX_BATCH);
  readonly #server: Server;
  /** The last error of the connection. */
  #lastError: Error | undefined;
  #wasEverReady = false;

  /** `url`: the URL, or `redis://` if the options name sentinels instead. */
  constructor(server: Server, url: string, options: ConnectionOptions) {
    super(url, options);
    this.#server = server;
    this.on('error', (err: Error) => (this.#lastError = err));
    this.on('ready', () => {
      this.#wasEverReady = true;
      this.#lastError = new Error('the connection was closed');
    });
  }

  /** Why there is no connection, if there is none. */
  get failure(): RedisUnavailable {
    const isUnanswered = !this.#wasEverReady && isHangUp(this.#lastError);
    return describeFailure(isUnanswered ? undefined : this.#lastError, this.#server);
  }

  override sendCommand(command: Command, stream?: Parameters<Redis['sendCommand']>[1]): unknown {
    // With its own stream, it belongs to a pipeline, which is one write already.
    if (stream !== undefined) return super.sendCommand(command, stream);
    // Replaces the command's reject: a promise that follows the command's would cost every command, not only failed ones.
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

/** Whether the server merely closed the connection. */
function isHangUp(err: Error | undefined): boolean {
  return err === undefined || ('code' in err && (err.code === 'ECONNRESET' || err.code === 'EPIPE'));
}
