import { once } from 'node:events';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { Transform, type TransformCallback } from 'node:stream';

/** About how many characters of a connection's beginning are kept. */
const MAX_KEPT_CHARACTERS = 4096;

/** A client's connection, and the one from here to the target. */
interface Connection {
  readonly near: Socket;
  readonly far: Socket;
  readonly streams: readonly DelayedStream[];
  /** What the client has sent first, in lowercase. */
  said: string;
}

/** A network connection that a test can cut: a TCP proxy to a port of this machine. */
export class TcpProxy {
  readonly #connections = new Set<Connection>();
  readonly #server: Server;
  #isCut = false;
  #isHeld = false;
  #paused: string | undefined;
  /** How many bytes clients have sent. */
  bytes = 0;
  /** By how many milliseconds what clients send is delayed. */
  lateMs = 0;

  #target: number;

  private constructor(
    readonly port: number,
    server: Server,
    target: number,
  ) {
    this.#server = server;
    this.#target = target;
  }

  /** The URL of a Redis behind it. */
  get redisUrl(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  static async start(target: number): Promise<TcpProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
    const proxy = new TcpProxy(address.port, server, target);
    server.on('connection', (near) => proxy.#join(near, connect(proxy.#target, '127.0.0.1')));
    return proxy;
  }

  /** Closes every connection and accepts no new one. */
  cut(): void {
    this.#isCut = true;
    for (const { near, far } of this.#connections) for (const socket of [near, far]) socket.destroy();
  }

  /** Accepts connections from now on, but transmits nothing: a peer that does not answer. */
  hold(): void {
    this.#isHeld = true;
  }

  /**
   * From now on the open connections transmit nothing, and neither end is notified: a machine that is gone. Given `saying`,
   * only those connections by which it was sent, in any case.
   */
  silence(saying = ''): void {
    for (const { near, far, said } of this.#connections) {
      if (!said.includes(saying)) continue;
      for (const socket of [near, far]) {
        socket.unpipe();
        socket
          .pause()
          .removeAllListeners()
          .on('error', () => undefined);
      }
    }
  }

  /** Closes the open connections on the clients' side, and the target is not notified. */
  cutClients(): void {
    this.silence();
    for (const { near } of this.#connections) near.destroy();
  }

  /** Holds back what is sent over connections by which `saying` was sent, in any case, until {@link resume}. */
  pause(saying: string): void {
    this.#paused = saying;
  }

  /** Transmits what was held back. */
  resume(): void {
    this.#paused = undefined;
    for (const { streams } of this.#connections) for (const stream of streams) stream.passOn();
  }

  /** Accepts connections again, to another port if one is given. */
  mend(target = this.#target): void {
    this.#target = target;
    this.#isCut = false;
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(near: Socket, far: Socket): void {
    const isKept = (): boolean => this.#paused !== undefined && connection.said.includes(this.#paused);
    const streams = [
      new DelayedStream(() => this.lateMs, isKept),
      new DelayedStream(() => 0, isKept),
    ] as const;
    const connection: Connection = { near, far, streams, said: '' };
    this.#connections.add(connection);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#connections.delete(connection);
        other.destroy();
      });
    }
    near.on('data', (chunk) => {
      this.bytes += chunk.length;
      if (connection.said.length < MAX_KEPT_CHARACTERS)
        connection.said += chunk.toString('latin1').toLowerCase();
    });
    if (this.#isCut) near.destroy();
    else if (!this.#isHeld) near.pipe(streams[0]).pipe(far).pipe(streams[1]).pipe(near);
  }
}

/** One direction of a connection: passes chunks on, in order, once they are due. */
class DelayedStream extends Transform {
  readonly #waiting: { readonly chunk: Buffer; readonly dueAt: number }[] = [];
  #whenEmpty: TransformCallback | undefined;

  constructor(
    private readonly lateMs: () => number,
    private readonly isKept: () => boolean,
  ) {
    super();
  }

  passOn(): void {
    if (this.isKept() || this.destroyed) return;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const waitMs = next.dueAt - performance.now();
      // Rounded up, as a timer may fire a little too early.
      if (waitMs > 0) return void setTimeout(() => this.passOn(), Math.ceil(waitMs));
      this.push(next.chunk);
      this.#waiting.shift();
    }
    this.#whenEmpty?.();
    this.#whenEmpty = undefined;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#waiting.push({ chunk, dueAt: performance.now() + this.lateMs() });
    this.passOn();
    done();
  }

  override _flush(done: TransformCallback): void {
    this.#whenEmpty = done;
    this.passOn();
  }
}
