import { setTimeout as sleep } from 'node:timers/promises';

/** How often a call is repeated that a busy machine kept from an answer. */
const TRIES = 20;

/** A whole response. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/**
 * Calls `url`, with a key if one is given. A gateway waits for the keys service for a second, and a busy machine may need
 * longer: then the call is repeated.
 */
export async function call(url: string, token?: string, init: RequestInit = {}): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const answer = await callOnce(url, token, init);
    // A stream as a body was consumed by the first call.
    if (tries === TRIES || 'duplex' in init || !isKeysUnavailable(answer)) return answer;
    await sleep(100);
  }
}

/** Like {@link call}, but returns the first response in any case. */
export async function callOnce(url: string, token?: string, init: RequestInit = {}): Promise<Answer> {
  const authorization: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(url, { ...init, headers: { ...authorization, ...init.headers } });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  };
}

/** Whether a gateway says that it could not verify a key because the keys service did not answer in time. */
export function isKeysUnavailable({ status, body }: Answer): boolean {
  return status === 503 && JSON.stringify(body).includes('Keys cannot be checked right now.');
}
