import type { Outbox, Invalidation } from '#libs/revocations';
import type { Connection } from './connection.js';
import type { PostgresServer, Put } from './postgres-model.js';

/** The outbox as a replica of keys accesses it, through its connection to PostgreSQL. */
export class SimulatedOutbox implements Outbox {
  constructor(
    private readonly postgres: PostgresServer,
    private readonly database: Connection,
  ) {}

  async handOver(graceMs: number, add: (target: Invalidation) => Promise<unknown>): Promise<boolean> {
    const { postgres, database } = this;
    const taken = await database.ask<readonly Put[]>((reply) =>
      reply(postgres.take(database.process, graceMs)),
    );
    const added: Put[] = [];
    let failure: { cause: unknown } | undefined;
    for (const put of taken) {
      try {
        await add(put.target);
      } catch (cause) {
        failure = { cause };
        break;
      }
      added.push(put);
    }
    if (taken.length > 0) await this.#settle(taken, added);
    if (failure !== undefined) throw failure.cause;
    return false;
  }

  onCommitted(listener: () => void): () => void {
    return this.postgres.onCommitted(() => this.database.push(listener));
  }

  /** The end of the transaction: if the connection is lost, PostgreSQL rolls it back, and removes nothing. */
  async #settle(taken: readonly Put[], added: readonly Put[]): Promise<void> {
    try {
      await this.database.ask<'settled'>((reply) => reply(this.postgres.settle(taken, added)));
    } catch (err) {
      this.postgres.settle(taken, []);
      throw err;
    }
  }
}
