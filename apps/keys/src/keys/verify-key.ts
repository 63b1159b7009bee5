import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { CAPABILITY_NAMES } from '#libs/capabilities';
import { KeyFormat, type KeyId, keyIdToUuid } from '#libs/key-format';
import type { Principal, Refusal, VerifyAnswer } from '#libs/keys-client';
import { PreparedStatement } from '../database/prepared-statement.js';
import { TooBusy } from '../secrets/secret-hasher.js';
import { SecretVerifier } from '../secrets/secret-verifier.js';

/**
 * What verification reads: one row, by primary key; key, owner, and whether the log that the gateway follows is the one
 * that revocations are published to, all at one moment. A moment in between, and the answer could be from before a
 * revocation and `cacheable` from after it.
 */
const ROW = `
  SELECT k.secret_hash, k.capabilities, k.expires_at, k.rate_limit_per_minute, k.revoked_at IS NOT NULL AS revoked,
         k.expires_at <= now() AS expired, o.suspended_at IS NOT NULL AS suspended,
         o.id AS owner_id, o.email, o.role, o.tier,
         EXISTS (SELECT FROM revocation_log WHERE identity = $2) AS cacheable
    FROM api_keys k JOIN owners o ON o.id = k.owner_id
   WHERE k.id = $1`;

const rows = z.array(
  z.object({
    secret_hash: z.string(),
    capabilities: z.array(z.enum(CAPABILITY_NAMES)),
    expires_at: z.date().nullable(),
    rate_limit_per_minute: z.int().nullable(),
    revoked: z.boolean(),
    expired: z.boolean().nullable(),
    suspended: z.boolean(),
    owner_id: z.string(),
    email: z.string(),
    role: z.string(),
    tier: z.string(),
    cacheable: z.boolean(),
  }),
);
type Row = z.output<typeof rows>[number];

@Injectable()
export class VerifyKey {
  readonly #row: PreparedStatement;

  constructor(
    database: DataSource,
    private readonly format: KeyFormat,
    private readonly verifier: SecretVerifier,
  ) {
    this.#row = new PreparedStatement(database, { name: 'verify-key', text: ROW });
  }

  /**
   * Whether a key is valid now. The row is read for each question, after it arrived: what is remembered between
   * questions is only that a secret was right, which cannot change. `log` is the identity of the log that the one who
   * asks follows.
   */
  async execute(text: string, log: string | null): Promise<VerifyAnswer> {
    const key = this.format.read(text);
    if (key.outcome !== 'genuine') return refused(key.outcome);
    const row = await this.#read(key.id, log);
    if (row === undefined) return refused('unknown');
    const { cacheable } = row;
    const dead = deathOf(row);
    if (dead !== undefined) return { outcome: 'refused', reason: dead, cacheable };
    try {
      const isRight = await this.verifier.isRight(key, row.secret_hash);
      return isRight
        ? { outcome: 'valid', principal: principalOf(key.id, row), cacheable }
        : { outcome: 'refused', reason: 'wrong_secret', cacheable };
    } catch (err) {
      if (err instanceof TooBusy) return { outcome: 'busy', retryAfterSeconds: 1 };
      throw err;
    }
  }

  async #read(id: KeyId, log: string | null): Promise<Row | undefined> {
    return rows.parse(await this.#row.run([keyIdToUuid(id), log]))[0];
  }
}

/** A refusal without a row. It is not to be kept: a key works the moment its issue has returned. */
function refused(reason: Refusal): VerifyAnswer {
  return { outcome: 'refused', reason, cacheable: false };
}

function deathOf({ revoked, expired, suspended }: Row): Refusal | undefined {
  if (revoked) return 'revoked';
  if (expired === true) return 'expired';
  return suspended ? 'owner_suspended' : undefined;
}

function principalOf(keyId: KeyId, row: Row): Principal {
  return {
    keyId,
    capabilities: row.capabilities,
    expiresAtMs: row.expires_at?.getTime() ?? null,
    rateLimitPerMinute: row.rate_limit_per_minute,
    owner: { id: row.owner_id, email: row.email, role: row.role, tier: row.tier },
  };
}
