import type {
  Expiry,
  IssuedKey,
  KeyActivity,
  KeyCheck,
  KeyPage,
  KeyState,
  NewKey,
  Revocation,
} from '../../src/contract.js';
import * as answers from './answers.js';
import { call } from './call.js';

const PAGE_SIZE = 100;

/** One page of the user's keys in that state, newest first. */
export function listKeys(state: KeyState, cursor: string | undefined): Promise<KeyPage> {
  const query = new URLSearchParams({
    state,
    limit: String(PAGE_SIZE),
    ...(cursor !== undefined && { cursor }),
  });
  return call(answers.keyPage, `/api/keys?${query.toString()}`);
}

/** A key's recent requests, latest first. */
export function readActivity(id: string): Promise<KeyActivity> {
  return call(answers.keyActivity, `${pathOf(id)}/activity`);
}

/** Creates a key. Repeating the call with the same `idempotencyKey` is refused with `already_issued`. */
export function issueKey(key: NewKey, idempotencyKey: string): Promise<IssuedKey> {
  const headers = { 'idempotency-key': idempotencyKey };
  return call(answers.issuedKey, '/api/keys', { method: 'POST', body: key, headers });
}

/** Revokes a key; resolves once no gateway accepts it any longer. */
export function revokeKey(id: string, reason?: string): Promise<Revocation> {
  const body = reason === undefined ? {} : { reason };
  return call(answers.revocation, `${pathOf(id)}/revoke`, { method: 'POST', body });
}

/** Sets when a key expires, as an RFC 3339 timestamp. */
export function expireKey(id: string, expiresAt: string): Promise<Expiry> {
  return call(answers.expiry, `${pathOf(id)}/expire`, { method: 'POST', body: { expiresAt } });
}

/** Tries a key at the gateway. */
export function checkKey(token: string): Promise<KeyCheck> {
  return call(answers.keyCheck, '/api/keys/check', { method: 'POST', body: { token } });
}

function pathOf(id: string): string {
  return `/api/keys/${encodeURIComponent(id)}`;
}
