import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type GenuineKey, KeyFormat, keyIdToUuid } from '#libs/key-format';
import type { ExposureAnswer, ExposureReport } from '#libs/keys-contract';
import { recordEvent } from '../audit/record-event.js';
import { ApiKeyEntity } from '../database/api-key.entity.js';
import { KeyRows } from '../keys/key-rows.js';
import { markRevoked } from '../keys/revoke-key.js';
import { PropagatedChanges } from '../revocation/propagated-changes.js';
import { SecretVerifier } from '../secrets/secret-verifier.js';
import { ExposureMetrics } from './exposure-metrics.js';
import { ExposurePolicies } from './exposure-policies.js';
import { recordedUrl } from './recorded-url.js';

/** Where a key was found, and who says so. */
export type Sighting = Pick<ExposureReport, 'source' | 'url' | 'address' | 'requestId'>;

/** How many reports of one key are stored: more say nothing new, and whoever has the key can send any number. */
const MAX_REPORTS = 100;

@Injectable()
export class ReportExposure {
  constructor(
    private readonly rows: KeyRows,
    private readonly format: KeyFormat,
    private readonly verifier: SecretVerifier,
    private readonly changes: PropagatedChanges,
    private readonly policies: ExposurePolicies,
    private readonly metrics: ExposureMetrics,
  ) {}

  /**
   * Records that others have seen a key, and revokes it unless its source is one that may err; it returns once that is in
   * effect everywhere. Having the whole key is what allows it: its secret is verified, also if its owner is suspended. The
   * same report again changes nothing.
   */
  async execute(text: string, sighting: Sighting): Promise<ExposureAnswer> {
    const answer = await this.#report(text, sighting);
    this.metrics.count(sighting.source, answer.outcome);
    return answer;
  }

  async #report(text: string, sighting: Sighting): Promise<ExposureAnswer> {
    const key = this.format.read(text);
    if (key.outcome !== 'genuine') return { outcome: 'refused' };
    const row = await this.rows.read(key.id);
    if (row === undefined) return { outcome: 'refused' };
    const verification = await this.verifier.verify(key, row.secret_hash, row.owner_id);
    if (verification === 'queue_full') return { outcome: 'busy' };
    if (verification === 'wrong') return { outcome: 'refused' };
    return this.#record(key, { ...sighting, url: recordedUrl(sighting.url) });
  }

  async #record({ id }: GenuineKey, sighting: Sighting): Promise<ExposureAnswer> {
    const revokes = this.policies.of(sighting.source) === 'revoke';
    const { result } = await this.changes.commit(async (manager) => {
      // Locked, so that concurrent reports are counted one after the other.
      const key = await manager.findOneOrFail(ApiKeyEntity, {
        where: { id },
        lock: { mode: 'for_no_key_update' },
      });
      const { source, url, requestId } = sighting;
      const actor = `${source.replaceAll('_', ' ')} report`;
      const origin = { actor, address: addressOf(sighting), requestId };
      if (await isNew(manager, key, sighting))
        await recordEvent(manager, {
          action: 'key.exposed',
          origin,
          ownerId: key.ownerId,
          keyId: id,
          details: { source, url, revokes },
        });
      if (revokes) await markRevoked(manager, { id, ownerId: null, origin, reason: 'reported as exposed' });
      const wasUsable = key.revokedAt === null && !key.hasExpired;
      // Also if it is revoked already: the call that revoked it may still be waiting for gateways.
      return { result: wasUsable, invalidates: revokes ? { kind: 'key', id } : null };
    });
    return { outcome: revokes ? 'revoked' : 'marked', wasUsable: result };
  }
}

/** Stores the report, unless it is there already or there are too many. Whether it was stored. */
async function isNew(manager: EntityManager, { id }: ApiKeyEntity, sighting: Sighting): Promise<boolean> {
  const { source, url } = sighting;
  const stored: unknown[] = await manager.query(
    `INSERT INTO key_exposures (key_id, source, url, address)
     SELECT $1, $2, $3, $4 WHERE (SELECT count(*) FROM key_exposures WHERE key_id = $1) < $5
     ON CONFLICT DO NOTHING RETURNING id`,
    [keyIdToUuid(id), source, url, addressOf(sighting), MAX_REPORTS],
  );
  return stored.length > 0;
}

function addressOf({ address }: Sighting): string | null {
  return address === '' ? null : address;
}
