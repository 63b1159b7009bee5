import { MAX_WEBHOOKS } from '#libs/keys-contract';
import { KeysProblem } from './keys-problem.js';

export function unknownWebhook(): KeysProblem {
  return new KeysProblem('not_found', 'No webhook with that ID. List them with GET /webhooks.');
}

export function unknownDelivery(): KeysProblem {
  return new KeysProblem(
    'not_found',
    'No delivery with that ID to this webhook. List them with GET /webhooks/:webhookId/deliveries.',
  );
}

export function notSetUp(): KeysProblem {
  return new KeysProblem(
    'webhooks_not_set_up',
    'Webhooks need the setting WEBHOOK_SECRET. Set it at the keys service (openssl rand -hex 32), and restart it.',
  );
}

export function webhookDisabled(): KeysProblem {
  return new KeysProblem('webhook_disabled', 'The webhook is disabled. Enable it first.');
}

export function tooManyWebhooks(): KeysProblem {
  return new KeysProblem(
    'too_many_webhooks',
    `There are ${MAX_WEBHOOKS} webhooks, as many as are allowed. Remove one that is not needed first.`,
  );
}

export function urlRefused(problem: string): KeysProblem {
  return new KeysProblem('invalid_request', problem, {
    extensions: { errors: [{ pointer: '/url', detail: problem }] },
  });
}
