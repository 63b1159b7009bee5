import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import type { Outbox, Invalidation } from '#libs/revocations';
import { DedicatedConnection } from '../database/dedicated-connection.js';

/** The maximum number of changes handed over in one transaction. */
const BATCH = 100;

/**
 * How long a change that is in the log may stay, in milliseconds: the statement that removes it would compete with the
 * gateways' acknowledgments. Well below the grace after which a relay would add the change again.
 */
const REMOVE_AFTER_MS = 50;

const LISTEN = 'LISTEN revocation_outbox';

const put = z.tuple([z.object({ id: z.string() })]);
const counted = z.tuple([z.object({ waiting: z.number() })]);
const waiting = z.array(
  z
    .object({ id: z.string(), kind: z.string(), target: z.string() })
    .transform(({ id, kind, target }) => ({ id, target: targetOf(kind, target) })),
);

/** A kind that only a newer version knows may affect anything. */
function targetOf(kind: string, id: string): Invalidation {
  return kind === 'key' || kind === 'owner' ? { kind, id } : { kind: 'everything' };
}

/** The outbox, in PostgreSQL's table `revocation_outbox`. */
@Injectable()
export class OutboxInDatabase implements Outbox, OnModuleDestroy {
  readonly #logger = new Logger(OutboxInDatabase.name);
  readonly #listeners = new Set<() => void>();
  /** Changes that are in the log, and about to be removed. */
  #added: string[] = [];
  /** A trigger notifies it when a change is committed. */
  readonly #listening: DedicatedConnection;

  constructor(private readonly database: DataSource) {
    this.#listening = new DedicatedConnection({
      database,
      setUp: async (session) => {
        await session.query(LISTEN);
      },
      // Repeating it is harmless, and shows operators what the connection is for.
      use: LISTEN,
      onNotification: () => {
        for (const listener of this.#listeners) listener();
      },
    });
  }

  /** Adds a change in the transaction that makes it. Returns its ID in the outbox. */
  async put(
    manager: EntityManager,
    { kind, id }: Exclude<Invalidation, { kind: 'everything' }>,
  ): Promise<string> {
    const sql = 'INSERT INTO revocation_outbox (kind, target) VALUES ($1, $2) RETURNING id';
    return put.parse(await manager.query(sql, [kind, id]))[0].id;
  }

  /**
   * Removes a change that is in the log, soon and together with others. If that fails, it is added to the log again, which
   * is harmless.
   */
  removeSoon(id: string): void {
    this.#added.push(id);
    if (this.#added.length > 1) return;
    setTimeout(() => {
      this.#removeAdded().catch(this.#onFailure);
    }, REMOVE_AFTER_MS);
  }

  /** The number of changes in the outbox. */
  async count(): Promise<number> {
    const sql = 'SELECT count(*)::integer AS waiting FROM revocation_outbox';
    return counted.parse(await this.database.query(sql))[0].waiting;
  }

  async handOver(graceMs: number, add: (target: Invalidation) => Promise<unknown>): Promise<boolean> {
    await this.#listening.hold();
    let failure: { cause: unknown } | undefined;
    const found = await this.database.transaction(async (manager) => {
      const rows = waiting.parse(
        await manager.query(
          `SELECT id, kind, target FROM revocation_outbox
            WHERE put_at <= clock_timestamp() - make_interval(secs => $1)
            ORDER BY id LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`,
          [graceMs / 1000],
        ),
      );
      const added: string[] = [];
      for (const { id, target } of rows) {
        try {
          await add(target);
        } catch (cause) {
          failure = { cause };
          break;
        }
        added.push(id);
      }
      if (added.length > 0) await manager.query('DELETE FROM revocation_outbox WHERE id = ANY($1)', [added]);
      return rows.length;
    });
    if (failure !== undefined) throw failure.cause;
    return found === BATCH;
  }

  onCommitted(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async onModuleDestroy(): Promise<void> {
    await this.#removeAdded().catch(this.#onFailure);
    await this.#listening.release();
  }

  async #removeAdded(): Promise<void> {
    const ids = this.#added;
    this.#added = [];
    if (ids.length === 0) return;
    await this.database.query('DELETE FROM revocation_outbox WHERE id = ANY($1)', [ids]);
  }

  readonly #onFailure = (err: unknown): void => {
    this.#logger.debug({ err, msg: 'changes that the log has stay in the outbox' });
  };
}
