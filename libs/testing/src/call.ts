import { setTimeout as sleep } from 'node:timers/promises';

/** How often a call is made again that a busy machine kept from an answer. */
const TRIES = 20;

/** An answer, whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/**
 * Calls `url`, with a key when one is given. A gateway waits for the keys service for a second, and a busy machine may
 * need longer: the call is made again then.
 */
export async function call(url: string, token?: string, init: RequestInit = {}): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const answer = await callOnce(url, token, init);
    // A body that is a stream was read by the first.
    if (tries === TRIES || 'duplex' in init || !isKeysUnavailable(answer)) return answer;
    await sleep(100);
  }
}

/** Like {@link call}, but whatever is answered first. */
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

/** Whether a gateway says that the keys service has not told it in time whether the key is valid. */
export function isKeysUnavailable({ status, body }: Answer): boolean {
  return status === 503 && JSON.stringify(body).includes('Keys cannot be checked right now.');
}
