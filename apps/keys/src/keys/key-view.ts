import type { KeyFormat } from '#libs/key-format';
import type { Key, KeyState } from '#libs/keys-contract';
import type { ApiKeyEntity } from '../database/api-key.entity.js';

/** A key as the management API shows it, in the state it was read in. */
export function viewOf(key: ApiKeyEntity, format: KeyFormat): Key {
  return {
    id: key.id,
    publicPart: format.publicPart(key.id),
    last4: key.last4,
    ownerId: key.ownerId,
    name: key.name,
    capabilities: key.capabilities,
    state: stateOf(key),
    createdAt: key.createdAt.toISOString(),
    createdBy: key.createdBy,
    expiresAt: key.expiresAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    replaces: key.replaces,
    rateLimitPerMinute: key.rateLimitPerMinute,
    allowedIps: key.allowedIps,
    pausedAt: key.pausedAt?.toISOString() ?? null,
    exposedAt: key.exposedAt?.toISOString() ?? null,
    exposureSource: key.exposureSource,
    revokedAt: key.revokedAt?.toISOString() ?? null,
    revokedBy: key.revokedBy,
    revocationReason: key.revocationReason,
  };
}

/** What a key is right now, as far as its row tells. */
export function stateOf({ revokedAt, hasExpired, pausedAt }: ApiKeyEntity): KeyState {
  if (revokedAt !== null) return 'revoked';
  if (hasExpired) return 'expired';
  return pausedAt === null ? 'active' : 'paused';
}
