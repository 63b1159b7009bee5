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

/** How many keys the list asks for at once. */
const PAGE_SIZE = 100;

/** A page of the signed-in user's keys in a state, newest first. */
export function listKeys(state: KeyState, cursor: string | undefined): Promise<KeyPage> {
  const query = new URLSearchParams({
    state,
    limit: String(PAGE_SIZE),
    ...(cursor !== undefined && { cursor }),
  });
  return call(answers.keyPage, `/api/keys?${query.toString()}`);
}

/** What a key has done lately, the latest first. */
export function readActivity(id: string): Promise<KeyActivity> {
  return call(answers.keyActivity, `${pathOf(id)}/activity`);
}

/** Makes a key. A repeated call with the same `idempotencyKey` is refused with `already_issued`. */
export function issueKey(key: NewKey, idempotencyKey: string): Promise<IssuedKey> {
  const headers = { 'idempotency-key': idempotencyKey };
  return call(answers.issuedKey, '/api/keys', { method: 'POST', body: key, headers });
}

/** Revokes a key; returns when no gateway accepts it any more. */
export function revokeKey(id: string, reason?: string): Promise<Revocation> {
  const body = reason === undefined ? {} : { reason };
  return call(answers.revocation, `${pathOf(id)}/revoke`, { method: 'POST', body });
}

/** Lets a key end at a moment, given in RFC 3339. */
export function expireKey(id: string, expiresAt: string): Promise<Expiry> {
  return call(answers.expiry, `${pathOf(id)}/expire`, { method: 'POST', body: { expiresAt } });
}

/** What the gateway says to a key. */
export function checkKey(token: string): Promise<KeyCheck> {
  return call(answers.keyCheck, '/api/keys/check', { method: 'POST', body: { token } });
}

function pathOf(id: string): string {
  return `/api/keys/${encodeURIComponent(id)}`;
}
