/** The codes of the management API besides those that all services share, each with its status and title. */
export const MANAGE_CODES = {
  already_issued: { status: 409, title: 'This request has already created a key' },
  key_ended: { status: 409, title: 'The key is revoked or has expired' },
  expiry_too_late: { status: 409, title: 'The key expires earlier than that' },
  owner_suspended: { status: 409, title: 'The owner is suspended' },
  too_many_keys: { status: 409, title: 'The owner has the maximum number of keys' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key belongs to another request' },
} as const;
