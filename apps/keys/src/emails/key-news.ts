import { z } from 'zod';

const moment = z.iso.datetime();
const ofKey = { keyId: z.string() };

/** What an owner is told about a key. `by`: who did it; null: the owner. */
export const keyNewsSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('created'), ...ofKey, by: z.string().nullable() }),
  z.object({ kind: z.literal('revoked'), ...ofKey, by: z.string(), reason: z.string().nullable() }),
  z.object({ kind: z.literal('paused'), ...ofKey, by: z.string() }),
  z.object({ kind: z.literal('exposed'), ...ofKey, source: z.string() }),
  z.object({ kind: z.literal('expiring'), ...ofKey, expiresAt: moment, daysLeft: z.int() }),
  z.object({ kind: z.literal('expired'), ...ofKey, expiresAt: moment }),
  z.object({ kind: z.literal('unused'), ...ofKey, revokeAt: moment }),
]);
export type KeyNews = z.output<typeof keyNewsSchema>;

/** An email to an owner, as it waits in `deliveries`. What it says is written when it is sent. */
export const emailSchema = z.object({
  ownerId: z.string(),
  news: z.tuple([keyNewsSchema], keyNewsSchema),
  /** How much there would be besides. */
  more: z.int(),
});
export type Email = z.output<typeof emailSchema>;

/** The channel and the destination of emails among deliveries. If the mail server is unavailable, it is for all. */
export const EMAIL_CHANNEL = 'email';
export const MAIL_SERVER = 'smtp';
