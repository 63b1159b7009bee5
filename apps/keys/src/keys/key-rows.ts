import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { type KeyId, keyIdToUuid } from '#libs/key-format';
import { PreparedStatement } from '../database/prepared-statement.js';

/** How many rows one statement reads at most. */
const MAX_ROWS = 100;

/**
 * What verification reads: rows by primary key; key, owner, and the identity of the log that revocations are published
 * to, all at one moment. A moment in between, and a row could be from before a revocation and the identity from after
 * it. How long a key has left is counted here, too, so that no clock but PostgreSQL's decides when a key expires.
 */
const ROWS = `
  SELECT k.id, k.secret_hash, k.capabilities, k.expires_at, k.rate_limit_per_minute, k.revoked_at IS NOT NULL AS revoked,
         (extract(epoch FROM k.expires_at - now()) * 1000)::float8 AS expires_in_ms, o.suspended_at IS NOT NULL AS suspended,
         o.id AS owner_id, o.email, (o.verified_email = o.email) IS TRUE AS email_verified, o.role, o.tier,
         (SELECT identity FROM revocation_log) AS log
    FROM api_keys k JOIN owners o ON o.id = k.owner_id
   WHERE k.id = ANY ($1::uuid[])`;

const keyRow = z.object({
  id: z.string(),
  secret_hash: z.string(),
  /** Some may be unknown to this version: a newer one that was rolled back has granted them. */
  capabilities: z.array(z.string()),
  expires_at: z.date().nullable(),
  /** Milliseconds that are left; zero or less: it has expired; null: it never does. */
  expires_in_ms: z.number().nullable(),
  rate_limit_per_minute: z.int().nullable(),
  revoked: z.boolean(),
  suspended: z.boolean(),
  owner_id: z.string(),
  email: z.string(),
  email_verified: z.boolean(),
  role: z.string(),
  tier: z.string(),
  /** The identity of the log that revocations are published to; null before there is one. */
  log: z.string().nullable(),
});
const rows = z.array(z.looseObject({ id: z.string() }));

/** A key as it is stored, with what else tells whether it is alive. */
export type KeyRow = z.output<typeof keyRow>;

/** The rows that one statement is to read, by UUID: it is sent when the turn of the event loop ends. */
interface Reading {
  readonly uuids: Set<string>;
  readonly rows: Promise<ReadonlyMap<string, unknown>>;
}

/**
 * Reads keys for verification. Questions that are there in the same turn of the event loop are one statement: with many
 * at a time, a statement for each would cost both sides of it several times what all else of an answer does. Each row is
 * read after its question has arrived, and for none that comes later.
 */
@Injectable()
export class KeyRows {
  readonly #statement: PreparedStatement;
  #reading: Reading | undefined;

  constructor(database: DataSource) {
    this.#statement = new PreparedStatement(database, { name: 'key-rows', text: ROWS });
  }

  /**
   * The row as it is after this moment; undefined when there is none. Rejects with what PostgreSQL or the network says,
   * and for a row that this version cannot read, which does no harm to the others of its statement.
   */
  async read(id: KeyId): Promise<KeyRow | undefined> {
    const uuid = keyIdToUuid(id);
    const reading = (this.#reading ??= this.#begin());
    reading.uuids.add(uuid);
    if (reading.uuids.size >= MAX_ROWS) this.#reading = undefined;
    const row = (await reading.rows).get(uuid);
    return row === undefined ? undefined : keyRow.parse(row);
  }

  #begin(): Reading {
    const uuids = new Set<string>();
    const endOfTurn = new Promise<void>((resolve) => setImmediate(resolve));
    const reading = {
      uuids,
      rows: endOfTurn.then(() => {
        // Callers from here on come after the statement was sent.
        if (this.#reading === reading) this.#reading = undefined;
        return this.#read([...uuids]);
      }),
    };
    return reading;
  }

  async #read(uuids: readonly string[]): Promise<ReadonlyMap<string, unknown>> {
    const found = rows.parse(await this.#statement.run([uuids]));
    return new Map(found.map((row) => [row.id, row]));
  }
}
