import {
  type Expiry,
  type IssuedKey,
  type Key,
  type KeyActivity,
  type KeyPage,
  type KeyState,
  type KeyUsage,
  type Pause,
  type Revocation,
  expirySchema,
  issuedKeySchema,
  keyActivitySchema,
  keyPageSchema,
  keySchema,
  keyUsageSchema,
  pauseSchema,
  revocationSchema,
} from '#libs/keys-contract';
import { type KeyCheck, type NewKey, keyCheckSchema } from '../../src/contract.js';
import { call } from './call.js';

const PAGE_SIZE = 100;

/** One page of the user's keys in that state, newest first. */
export function listKeys(state: KeyState, cursor: string | undefined): Promise<KeyPage> {
  const query = new URLSearchParams({
    state,
    limit: String(PAGE_SIZE),
    ...(cursor !== undefined && { cursor }),
  });
  return call(keyPageSchema, `/api/keys?${query.toString()}`);
}

/** One of the user's keys, whatever its state. */
export function readKey(id: string): Promise<Key> {
  return call(keySchema, pathOf(id));
}

/** A key's recent requests, latest first. */
export function readActivity(id: string): Promise<KeyActivity> {
  return call(keyActivitySchema, `${pathOf(id)}/activity`);
}

/** How much a key was used within a day and a week, tests from this page aside. */
export function readUsage(id: string): Promise<KeyUsage> {
  return call(keyUsageSchema, `${pathOf(id)}/usage`);
}

/** Creates a key. Repeating the call with the same `idempotencyKey` is refused with `already_issued`. */
export function issueKey(key: NewKey, idempotencyKey: string): Promise<IssuedKey> {
  const headers = { 'idempotency-key': idempotencyKey };
  return call(issuedKeySchema, '/api/keys', { method: 'POST', body: key, headers });
}

/** Revokes a key; resolves once no gateway accepts it any longer. */
export function revokeKey(id: string, reason?: string): Promise<Revocation> {
  const body = reason === undefined ? {} : { reason };
  return call(revocationSchema, `${pathOf(id)}/revoke`, { method: 'POST', body });
}

/** Pauses a key; resolves once no gateway accepts it. */
export function pauseKey(id: string): Promise<Pause> {
  return call(pauseSchema, `${pathOf(id)}/pause`, { method: 'POST', body: {} });
}

/** Resumes a paused key; resolves once every gateway accepts it again. */
export function resumeKey(id: string): Promise<Pause> {
  return call(pauseSchema, `${pathOf(id)}/resume`, { method: 'POST', body: {} });
}

/** Sets when a key expires, as an RFC 3339 timestamp. */
export function expireKey(id: string, expiresAt: string): Promise<Expiry> {
  return call(expirySchema, `${pathOf(id)}/expire`, { method: 'POST', body: { expiresAt } });
}

/** Tries a key at the gateway. */
export function checkKey(token: string): Promise<KeyCheck> {
  return call(keyCheckSchema, '/api/keys/check', { method: 'POST', body: { token } });
}

function pathOf(id: string): string {
  return `/api/keys/${encodeURIComponent(id)}`;
}
