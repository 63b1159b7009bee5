import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { type KeyId, keyIdToUuid } from '#libs/key-format';
import { PreparedStatement } from '../database/prepared-statement.js';

/** The maximum number of rows that one statement reads. */
const MAX_ROWS = 100;

/**
 * What verification reads: key, owner, and the identity of the log that revocations are published to, by primary key and
 * all at one moment. Otherwise a row could be from before a revocation and the identity from after it. The time a key
 * has left is computed here, too, so that only PostgreSQL's clock decides when a key expires.
 */
const ROWS = `
  SELECT k.id, k.secret_hash, k.capabilities, k.expires_at, k.rate_limit_per_minute, k.allowed_ips,
         k.revoked_at IS NOT NULL AS revoked, k.paused_at IS NOT NULL AS paused,
         (extract(epoch FROM k.expires_at - now()) * 1000)::float8 AS expires_in_ms, o.suspended_at IS NOT NULL AS suspended,
         o.id AS owner_id, o.email, (o.verified_email = o.email) IS TRUE AS email_verified, o.role, o.tier,
         (SELECT identity FROM revocation_log) AS log
    FROM api_keys k JOIN owners o ON o.id = k.owner_id
   WHERE k.id = ANY ($1::uuid[])`;

const keyRow = z.object({
  id: z.string(),
  secret_hash: z.string(),
  /** Some may be unknown to this version: a newer one that was rolled back may have granted them. */
  capabilities: z.array(z.string()),
  expires_at: z.date().nullable(),
  /** Milliseconds left; zero or less: expired; null: never expires. */
  expires_in_ms: z.number().nullable(),
  rate_limit_per_minute: z.int().nullable(),
  allowed_ips: z.array(z.string()).nullable(),
  revoked: z.boolean(),
  paused: z.boolean(),
  suspended: z.boolean(),
  owner_id: z.string(),
  email: z.string(),
  email_verified: z.boolean(),
  role: z.string(),
  tier: z.string(),
  /** The identity of the log that revocations are published to; null if there is none yet. */
  log: z.string().nullable(),
});
const rows = z.array(z.looseObject({ id: z.string() }));

/** A stored key, with what else decides whether it is active. */
export type KeyRow = z.output<typeof keyRow>;

/** The rows that one statement will read, by UUID: it is sent when the turn of the event loop ends. */
interface Batch {
  readonly uuids: Set<string>;
  readonly rows: Promise<ReadonlyMap<string, unknown>>;
}

/**
 * Reads keys for verification. Questions of the same turn of the event loop share one statement: under load, a statement
 * for each would cost both sides several times what the rest of an answer costs. Each row is read after its question has
 * arrived, and questions that arrive once the statement is sent get another one.
 */
@Injectable()
export class KeyRows {
  readonly #statement: PreparedStatement;
  #batch: Batch | undefined;

  constructor(database: DataSource) {
    this.#statement = new PreparedStatement(database, { name: 'key-rows', text: ROWS });
  }

  /**
   * The row as it is after this moment, or undefined. Rejects with the error of PostgreSQL or the network, or if this
   * version cannot read the row, which does not affect others of the same statement.
   */
  async read(id: KeyId): Promise<KeyRow | undefined> {
    const uuid = keyIdToUuid(id);
    const batch = (this.#batch ??= this.#begin());
    batch.uuids.add(uuid);
    if (batch.uuids.size >= MAX_ROWS) this.#batch = undefined;
    const row = (await batch.rows).get(uuid);
    return row === undefined ? undefined : keyRow.parse(row);
  }

  #begin(): Batch {
    const uuids = new Set<string>();
    const endOfTurn = new Promise<void>((resolve) => setImmediate(resolve));
    const batch = {
      uuids,
      rows: endOfTurn.then(() => {
        // The statement is sent now: later callers need another.
        if (this.#batch === batch) this.#batch = undefined;
        return this.#read([...uuids]);
      }),
    };
    return batch;
  }

  async #read(uuids: readonly string[]): Promise<ReadonlyMap<string, unknown>> {
    const found = rows.parse(await this.#statement.run([uuids]));
    return new Map(found.map((row) => [row.id, row]));
  }
}
