/** The codes of the management API besides those that all services share, each with its status and title. */
export const MANAGE_CODES = {
  already_issued: { status: 409, title: 'This request has already created a key' },
  key_ended: { status: 409, title: 'The key is revoked or has expired' },
  expiry_too_late: { status: 409, title: 'The key expires earlier than that' },
  owner_suspended: { status: 409, title: 'The owner is suspended' },
  too_many_keys: { status: 409, title: 'The owner has the maximum number of keys' },
  webhooks_not_set_up: { status: 409, title: 'Webhooks are not set up' },
  webhook_disabled: { status: 409, title: 'The webhook is disabled' },
  too_many_webhooks: { status: 409, title: 'There is the maximum number of webhooks' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key belongs to another request' },
} as const;
