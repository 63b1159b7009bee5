import { Injectable } from '@nestjs/common';
import { KeyFormat, type KeyId } from '#libs/key-format';
import type { Principal, Refusal, VerifyAnswer } from '#libs/keys-client';
import { QueueFull } from '../secrets/fair-queue.js';
import { SecretVerifier } from '../secrets/secret-verifier.js';
import { type KeyRow, KeyRows } from './key-rows.js';

@Injectable()
export class VerifyKey {
  constructor(
    private readonly rows: KeyRows,
    private readonly format: KeyFormat,
    private readonly verifier: SecretVerifier,
  ) {}

  /**
   * Whether a key is valid now. The row is read for each question, after it arrived: what is remembered between
   * questions is only that a secret was right, which cannot change. `log` is the identity of the log that the one who
   * asks follows.
   */
  async execute(text: string, log: string | null): Promise<VerifyAnswer> {
    const key = this.format.read(text);
    if (key.outcome !== 'genuine') return refused(key.outcome);
    const row = await this.rows.read(key.id);
    if (row === undefined) return refused('unknown');
    // Only whoever follows the log that revocations are published to hears of them.
    const cacheable = row.log !== null && row.log === log;
    const dead = inactiveReason(row);
    if (dead !== undefined) return { outcome: 'refused', reason: dead, cacheable };
    try {
      const isRight = await this.verifier.isRight(key, row.secret_hash, row.owner_id);
      return isRight
        ? { outcome: 'valid', principal: principalOf(key.id, row), cacheable, expiresInMs: row.expires_in_ms }
        : { outcome: 'refused', reason: 'wrong_secret', cacheable };
    } catch (err) {
      if (err instanceof QueueFull) return { outcome: 'busy', retryAfterSeconds: 1 };
      throw err;
    }
  }
}

/** A refusal without a row. It is not to be kept: a key works the moment its issue has returned. */
function refused(reason: Refusal): VerifyAnswer {
  return { outcome: 'refused', reason, cacheable: false };
}

function inactiveReason({ revoked, expires_in_ms: expiresInMs, suspended }: KeyRow): Refusal | undefined {
  if (revoked) return 'revoked';
  if (expiresInMs !== null && expiresInMs <= 0) return 'expired';
  return suspended ? 'owner_suspended' : undefined;
}

function principalOf(keyId: KeyId, row: KeyRow): Principal {
  return {
    keyId,
    capabilities: row.capabilities,
    expiresAtMs: row.expires_at?.getTime() ?? null,
    rateLimitPerMinute: row.rate_limit_per_minute,
    owner: {
      id: row.owner_id,
      email: row.email,
      emailVerified: row.email_verified,
      role: row.role,
      tier: row.tier,
    },
  };
}
