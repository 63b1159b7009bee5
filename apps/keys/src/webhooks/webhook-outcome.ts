import type { Sent } from '../deliveries/delivery.js';
import type { Posted } from './post-webhook.js';

/** What becomes of a delivery. `gone`: the receiver wants no more of them. */
export type WebhookOutcome = Sent | { readonly outcome: 'gone'; readonly reason: string };

/** The statuses of a receiver, or of a proxy in front of it, that can take nothing at the moment. */
const UNAVAILABLE: readonly number[] = [429, 502, 503, 504];

/** What an answer means (Standard Webhooks 1.0.0, "Delivery success and failure"). */
export function webhookOutcome(posted: Posted): WebhookOutcome {
  if (posted.outcome === 'unanswered') return { outcome: 'unavailable', reason: posted.reason };
  const { status, retryAfterSeconds: afterSeconds } = posted;
  const reason = `answered ${status}`;
  if (status >= 200 && status < 300) return { outcome: 'delivered' };
  if (status >= 300 && status < 400)
    return { outcome: 'retry', reason: `${reason}: redirects are not followed, change the URL` };
  if (status === 410) return { outcome: 'gone', reason };
  return { outcome: UNAVAILABLE.includes(status) ? 'unavailable' : 'retry', reason, afterSeconds };
}
