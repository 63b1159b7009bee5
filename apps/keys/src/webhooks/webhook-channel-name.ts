/** The channel of deliveries to webhooks. */
export const WEBHOOK_CHANNEL = 'webhook';
