import { once } from 'node:events';
import { type Server, type Socket, connect, createServer } from 'node:net';

/** How many bytes of what is said are remembered, about: the first words of a connection. */
const KEPT = 4096;

/** A stretch of network that a test can cut: what connects to it reaches a port of this machine, as long as it is whole. */
export class TcpProxy {
  readonly #sockets = new Set<Socket>();
  /** What those who connect have said first, by both ends of their connections. */
  readonly #said = new WeakMap<Socket, { text: string }>();
  readonly #server: Server;
  #isCut = false;
  #isHeld = false;
  /** How many bytes have come in from those who connect. */
  bytes = 0;

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
    for (const socket of this.#sockets) socket.destroy();
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
    for (const socket of this.#sockets) {
      if (this.#said.get(socket)?.text.toLowerCase().includes(saying) !== true) continue;
      socket.unpipe();
      socket
        .pause()
        .removeAllListeners()
        .on('error', () => undefined);
    }
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
    const said = { text: '' };
    this.#said.set(near, said).set(far, said);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    near.on('data', (chunk) => {
      this.bytes += chunk.length;
      if (said.text.length < KEPT) said.text += chunk.toString('latin1');
    });
    if (this.#isCut) near.destroy();
    else if (!this.#isHeld) near.pipe(far).pipe(near);
  }
}
