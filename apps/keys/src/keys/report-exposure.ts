import { Injectable } from '@nestjs/common';
import { KeyFormat } from '#libs/key-format';
import type { ExposureAnswer } from '#libs/keys-contract';
import { SecretVerifier } from '../secrets/secret-verifier.js';
import { KeyRows } from './key-rows.js';
import { RevokeKey } from './revoke-key.js';

/** Who the audit log says revoked a key that was reported. */
const ACTOR = 'public report';

@Injectable()
export class ReportExposure {
  constructor(
    private readonly rows: KeyRows,
    private readonly format: KeyFormat,
    private readonly verifier: SecretVerifier,
    private readonly revokeKey: RevokeKey,
  ) {}

  /**
   * Revokes a key that was found where it does not belong, and returns once that is in effect everywhere. Having the whole
   * key is what allows it: its secret is verified, also if its owner is suspended. `address` is recorded.
   */
  async execute(text: string, address: string): Promise<ExposureAnswer> {
    const key = this.format.read(text);
    if (key.outcome !== 'genuine') return { outcome: 'refused' };
    const row = await this.rows.read(key.id);
    if (row === undefined) return { outcome: 'refused' };
    const verification = await this.verifier.verify(key, row.secret_hash, row.owner_id);
    if (verification === 'queue_full') return { outcome: 'busy' };
    if (verification === 'wrong') return { outcome: 'refused' };
    // Also if it is revoked already: the call that revoked it may still be waiting for gateways.
    const { outcome } = await this.revokeKey.execute({
      id: key.id,
      ownerId: null,
      origin: { actor: ACTOR, address: address === '' ? null : address, requestId: null },
      reason: 'reported as exposed',
    });
    return { outcome: outcome === 'revoked' ? 'revoked' : 'refused' };
  }
}
