import type { Connection } from './connection.js';
import type { DatabaseSession, PostgresServer } from './postgres-model.js';

/** The lease on the database for a process: like `DatabaseLease`, on a simulated PostgreSQL. */
export class SimulatedLease {
  readonly #postgres: PostgresServer;
  readonly #database: Connection;
  readonly #onRefused: () => void;
  #session: DatabaseSession | undefined;
  #since = Infinity;

  constructor(postgres: PostgresServer, database: Connection, onRefused: () => void) {
    this.#postgres = postgres;
    this.#database = database;
    this.#onRefused = onRefused;
  }

  /** Since when it is held; rejects when that is not certain. A process that is refused the lease ends. */
  async confirm(): Promise<number> {
    const { process } = this.#database;
    const session = (this.#session ??= { process, hasEnded: false });
    const isNew = this.#since === Infinity;
    const found = await this.#database.ask<'held' | 'refused' | 'ended'>((reply) =>
      reply(this.#postgres.takeLease(session)),
    );
    if (this.#session !== session) throw new Error('another session since');
    if (found === 'ended') {
      this.#session = undefined;
      this.#since = Infinity;
      return this.confirm();
    }
    if (found === 'refused') {
      this.#onRefused();
      throw new Error('another has the lease');
    }
    if (isNew) this.#since = Math.min(this.#since, process.now());
    return this.#since;
  }
}
