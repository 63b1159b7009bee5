import { once } from 'node:events';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How often instances are checked, in milliseconds. */
const CHECK_EVERY_MS = 100;

/**
 * A balancer in front of the instances of a service: each connection goes to the next ready one, and stays there. It does
 * not parse or retry requests: what an instance loses is lost.
 */
export class Balancer {
  readonly #instances = new Map<string, { isReady: boolean }>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #stopping = new AbortController();
  #next = 0;

  private constructor(
    /** By name, which cookies may be bound to. */
    readonly url: string,
    server: Server,
  ) {
    this.#server = server;
    server.on('connection', (near) => this.#join(near));
  }

  static async start(): Promise<Balancer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the balancer has no port');
    return new Balancer(`http://localhost:${address.port}`, server);
  }

  /** Adds instances. Resolves when all of them are ready. */
  async add(urls: readonly string[]): Promise<void> {
    for (const url of urls) {
      this.#instances.set(url, { isReady: false });
      void this.#watch(url);
    }
    await Promise.all(urls.map((url) => this.untilReady(url)));
  }

  /** Resolves when an instance gets connections. */
  async untilReady(url: string): Promise<void> {
    while (this.#instances.get(url)?.isReady !== true) await sleep(20);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  async #watch(url: string): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const headers = { connection: 'close' };
      const isReady = await fetch(`${url}/readyz`, { headers, signal: AbortSignal.timeout(2000) }).then(
        ({ ok }) => ok,
        () => false,
      );
      this.#instances.set(url, { isReady });
      await sleep(CHECK_EVERY_MS);
    }
  }

  #join(near: Socket): void {
    this.#keep(near);
    const ready = [...this.#instances].filter(([, { isReady }]) => isReady).map(([url]) => url);
    const url = ready[this.#next++ % ready.length];
    if (url === undefined) return void near.destroy();
    const far = connect(Number(new URL(url).port), '127.0.0.1');
    this.#keep(far);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.on('error', () => other.destroy());
      socket.on('close', () => other.destroy());
      socket.pipe(other);
    }
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }
}
