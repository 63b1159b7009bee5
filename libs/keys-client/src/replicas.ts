import { rendezvousOrder } from './rendezvous.js';

/** Something that is kept per address, and must be closed once the address is gone. */
interface Closable {
  close(): unknown;
}

/** A replica: its name, and the connection to it. */
export interface Replica<Connection> {
  readonly name: string;
  readonly connection: Connection;
}

/**
 * The replicas of a service, with a connection to each. Their addresses are looked up again every `refreshMs`; if none is
 * found, the known ones stay. A replica that failed is tried last for `restMs`, and addresses are looked up again at once:
 * it may be gone.
 */
export class Replicas<Connection extends Closable> {
  readonly #find: () => Promise<ReadonlyMap<string, () => Connection>>;
  readonly #refreshMs: number;
  readonly #restMs: number;
  readonly #connections = new Map<string, Connection>();
  readonly #restsUntil = new Map<string, number>();
  #foundAt = -Infinity;
  #finding: Promise<void> | undefined;

  /** `find` returns the names of all current replicas, each with a function that connects to it. */
  constructor(options: {
    find: () => Promise<ReadonlyMap<string, () => Connection>>;
    refreshMs?: number;
    restMs?: number;
  }) {
    this.#find = options.find;
    this.#refreshMs = options.refreshMs ?? 5000;
    this.#restMs = options.restMs ?? 5000;
  }

  /** The replicas in the order in which to try them for `key`: by rendezvous, recently failed ones last. */
  async inOrder(key: string): Promise<Replica<Connection>[]> {
    if (performance.now() - this.#foundAt >= this.#refreshMs) {
      this.#finding ??= this.#refresh().finally(() => (this.#finding = undefined));
      if (this.#connections.size === 0) await this.#finding;
    }
    const order = rendezvousOrder(key, [...this.#connections.keys()]);
    const now = performance.now();
    const rests = (name: string): boolean => now < (this.#restsUntil.get(name) ?? -Infinity);
    return [...order.filter((name) => !rests(name)), ...order.filter(rests)].flatMap((name) => {
      const connection = this.#connections.get(name);
      return connection === undefined ? [] : [{ name, connection }];
    });
  }

  /** Call it when a replica did not answer. */
  failed(name: string): void {
    if (!this.#connections.has(name)) return;
    this.#foundAt = -Infinity;
    this.#restsUntil.set(name, performance.now() + this.#restMs);
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close();
    this.#connections.clear();
  }

  async #refresh(): Promise<void> {
    const found = await this.#find();
    this.#foundAt = performance.now();
    if (found.size === 0) return;
    for (const [name, connect] of found) {
      if (!this.#connections.has(name)) this.#connections.set(name, connect());
    }
    for (const [name, connection] of this.#connections) {
      if (found.has(name)) continue;
      connection.close();
      this.#connections.delete(name);
      this.#restsUntil.delete(name);
    }
  }
}
