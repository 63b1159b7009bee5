import { Injectable } from '@nestjs/common';
import { KeyFormat, type KeyId } from '#libs/key-format';
import type { Principal, Refusal, VerifyAnswer } from '#libs/keys-contract';
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
   * Whether a key is valid now. Its row is read after the request has arrived, every time: all that is remembered
   * between requests is that a secret was right, which cannot change. `log` identifies the revocation log that the
   * caller follows. A caller that does not check where a key is used from gets no key that may not be used everywhere.
   */
  async execute(
    text: string,
    { log, enforcesAllowedIps }: { log: string | null; enforcesAllowedIps: boolean },
  ): Promise<VerifyAnswer> {
    const key = this.format.read(text);
    if (key.outcome !== 'genuine') return refused(key.outcome);
    const row = await this.rows.read(key.id);
    if (row === undefined) return refused('unknown');
    // A reason that version 0.1.0 knows: it would take another one for an answer that cannot be read, and ask again.
    if (row.allowed_ips !== null && !enforcesAllowedIps) return refused('unknown');
    // Only callers that follow the log that revocations are published to learn of them.
    const cacheable = row.log !== null && row.log === log;
    const inactive = inactiveReason(row);
    if (inactive !== undefined) {
      // Version 0.1.0 knows no pauses, either: it gets the closest reason that it does know.
      const reason = inactive === 'paused' && !enforcesAllowedIps ? 'owner_suspended' : inactive;
      return { outcome: 'refused', reason, cacheable };
    }
    const verification = await this.verifier.verify(key, row.secret_hash, row.owner_id);
    switch (verification) {
      case 'right':
        return {
          outcome: 'valid',
          principal: principalOf(key.id, row),
          cacheable,
          expiresInMs: row.expires_in_ms,
        };
      case 'wrong':
        return { outcome: 'refused', reason: 'wrong_secret', cacheable };
      case 'queue_full':
        return { outcome: 'busy', retryAfterSeconds: 1 };
    }
  }
}

/** A refusal without a row. It is not cacheable: a key works as soon as the call that issues it returns. */
function refused(reason: Refusal): VerifyAnswer {
  return { outcome: 'refused', reason, cacheable: false };
}

function inactiveReason(row: KeyRow): Refusal | undefined {
  const { revoked, expires_in_ms: expiresInMs, paused, suspended } = row;
  if (revoked) return 'revoked';
  if (expiresInMs !== null && expiresInMs <= 0) return 'expired';
  if (paused) return 'paused';
  return suspended ? 'owner_suspended' : undefined;
}

function principalOf(keyId: KeyId, row: KeyRow): Principal {
  return {
    keyId,
    capabilities: row.capabilities,
    expiresAtMs: row.expires_at?.getTime() ?? null,
    rateLimitPerMinute: row.rate_limit_per_minute,
    ...(row.allowed_ips !== null && { allowedIps: row.allowed_ips }),
    owner: {
      id: row.owner_id,
      email: row.email,
      emailVerified: row.email_verified,
      role: row.role,
      tier: row.tier,
    },
  };
}
