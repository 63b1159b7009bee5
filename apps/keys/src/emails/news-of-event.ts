import { z } from 'zod';
import type { KeyNews } from './key-news.js';

/** What the audit log records about a change. */
export interface AuditedChange {
  readonly action: string;
  readonly actor: string;
  readonly ownerId: string;
  readonly keyId: string;
  readonly details: unknown;
}

/** `now`: an email of its own. `digest`: together with others, once a day. `once`: the same text, no second email. */
export interface OwnersNews {
  readonly when: 'now' | 'digest';
  readonly news: KeyNews;
  readonly once?: string;
}

const DAY_MS = 86_400_000;

/** The owner hears at once that a key expires if it was used within so many days before. */
const IN_USE_DAYS = 30;

const revocation = z.object({ reason: z.string().nullish() });
const exposure = z.object({ source: z.string(), revokes: z.boolean() });
const expiry = z.object({
  expiresAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullish(),
  daysLeft: z.int().optional(),
});
const idleness = z.object({ revokeAt: z.iso.datetime() });

/** Why a key was revoked that was reported as exposed: its owner hears of that. */
const EXPOSED = 'reported as exposed';

/** What the owner of a key is told of a change; undefined: nothing. Throws if the details are not those of the action. */
export function newsOf({ action, actor, ownerId, keyId, details }: AuditedChange): OwnersNews | undefined {
  const by = actor === ownerId ? null : actor;
  switch (action) {
    case 'key.issued':
      return { when: 'now', news: { kind: 'created', keyId, by } };
    case 'key.paused':
      return by === null ? undefined : { when: 'now', news: { kind: 'paused', keyId, by } };
    case 'key.revoked': {
      const reason = revocation.parse(details).reason ?? null;
      if (by === null || reason === EXPOSED) return undefined;
      return { when: 'now', news: { kind: 'revoked', keyId, by, reason } };
    }
    case 'key.exposed': {
      const { source, revokes } = exposure.parse(details);
      // Reports may come by the dozen. One that revokes says more than one that only marks.
      return { when: 'now', news: { kind: 'exposed', keyId, source }, once: `exposed ${keyId} ${revokes}` };
    }
    case 'key.expiring':
    case 'key.expired':
      return newsOfExpiry(keyId, expiry.parse(details));
    case 'key.unused':
      return { when: 'digest', news: { kind: 'unused', keyId, revokeAt: idleness.parse(details).revokeAt } };
    default:
      return undefined;
  }
}

function newsOfExpiry(
  keyId: string,
  { expiresAt, lastUsedAt, daysLeft }: z.output<typeof expiry>,
): OwnersNews {
  const since = Date.parse(expiresAt) - ((daysLeft ?? 0) + IN_USE_DAYS) * DAY_MS;
  const isInUse = lastUsedAt != null && Date.parse(lastUsedAt) >= since;
  return {
    when: isInUse ? 'now' : 'digest',
    news:
      daysLeft === undefined
        ? { kind: 'expired', keyId, expiresAt }
        : { kind: 'expiring', keyId, expiresAt, daysLeft },
  };
}
