import { once } from 'node:events';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { Transform, type TransformCallback } from 'node:stream';

/** How many bytes of what is said are remembered, about: the first words of a connection. */
const MAX_KEPT_CHARACTERS = 4096;

/** A client's connection, and the one that leads on to the target. */
interface Connection {
  readonly near: Socket;
  readonly far: Socket;
  readonly lanes: readonly Lane[];
  /** What the client has said first, in small letters. */
  said: string;
}

/** A stretch of network that a test can cut: what connects to it reaches a port of this machine, as long as it is whole. */
export class TcpProxy {
  readonly #connections = new Set<Connection>();
  readonly #server: Server;
  #isCut = false;
  #isHeld = false;
  #paused: string | undefined;
  /** How many bytes have come in from those who connect. */
  bytes = 0;
  /** How much later than sent the target gets what comes in, in milliseconds. */
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

  /** The address of a Redis behind it. */
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

  /** Ends every connection and takes no new one. */
  cut(): void {
    this.#isCut = true;
    for (const { near, far } of this.#connections) for (const socket of [near, far]) socket.destroy();
  }

  /** Takes connections from now on, and lets nothing through: a peer that says nothing. */
  hold(): void {
    this.#isHeld = true;
  }

  /**
   * From now on nothing goes through the connections there are, and nobody is told: a machine that is gone. Given
   * `saying`, only through those by which that was sent, in small letters or large.
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

  /** Keeps what goes through connections by which `saying` is sent, in small letters or large, until {@link resume}. */
  pause(saying: string): void {
    this.#paused = saying;
  }

  /** Lets through what was kept. */
  resume(): void {
    this.#paused = undefined;
    for (const { lanes } of this.#connections) for (const lane of lanes) lane.handOn();
  }

  /** Takes connections again, to another port when one is given. */
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
    const lanes = [new Lane(() => this.lateMs, isKept), new Lane(() => 0, isKept)] as const;
    const connection: Connection = { near, far, lanes, said: '' };
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
    else if (!this.#isHeld) near.pipe(lanes[0]).pipe(far).pipe(lanes[1]).pipe(near);
  }
}

/** One direction of a connection: hands on what comes, in its order, when it is due. */
class Lane extends Transform {
  readonly #waiting: { readonly chunk: Buffer; readonly dueAt: number }[] = [];
  #whenEmpty: TransformCallback | undefined;

  constructor(
    private readonly lateMs: () => number,
    private readonly isKept: () => boolean,
  ) {
    super();
  }

  handOn(): void {
    if (this.isKept() || this.destroyed) return;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const waitMs = next.dueAt - performance.now();
      // Rounded up, as a timer may fire a little too early.
      if (waitMs > 0) return void setTimeout(() => this.handOn(), Math.ceil(waitMs));
      this.push(next.chunk);
      this.#waiting.shift();
    }
    this.#whenEmpty?.();
    this.#whenEmpty = undefined;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#waiting.push({ chunk, dueAt: performance.now() + this.lateMs() });
    this.handOn();
    done();
  }

  override _flush(done: TransformCallback): void {
    this.#whenEmpty = done;
    this.handOn();
  }
}
