import { Injectable } from '@nestjs/common';
import { type KeyId, findKeyId } from '#libs/key-format';
import { ManageClient } from '#libs/keys-client';
import { KEY_TEST_HEADER, type Owner } from '#libs/keys-contract';
import { retryAfter } from '#libs/problems';
import type { KeyCheck } from '../contract.js';
import { DashboardProblem } from '../dashboard-problem.js';
import { keyNotFound } from './keys-errors.js';

const TIMEOUT_MS = 5000;

/** Longer responses are not passed on; `GET /v1/me` needs far less. */
const MAX_RESPONSE_CHARACTERS = 64 * 1024;

/** The gateway that tests keys. */
export class Gateway {
  constructor(readonly url: string) {}
}

/** Tries a person's own key at the gateway, as their program would. */
@Injectable()
export class CheckKey {
  constructor(
    private readonly manage: ManageClient,
    private readonly gateway: Gateway,
  ) {}

  /** Throws `not_found` alike for unknown keys and for those of others. `address` is the client address of the person. */
  async execute(owner: Owner, token: string, address: string): Promise<KeyCheck> {
    const key = await this.manage.get(parseKeyId(token));
    if (key.ownerId !== owner.id) throw keyNotFound();
    const askedAt = performance.now();
    const { status, text } = await this.#ask(token, address);
    const tookMs = Math.round((performance.now() - askedAt) * 10) / 10;
    return { status, body: parseBody(text), tookMs };
  }

  /** Passes the client address on, so that a gateway that trusts the dashboard counts refused keys against the person. */
  async #ask(token: string, address: string): Promise<{ status: number; text: string }> {
    try {
      const response = await fetch(`${this.gateway.url}/v1/me`, {
        headers: {
          authorization: `Bearer ${token}`,
          [KEY_TEST_HEADER]: '1',
          ...(address !== '' && { 'x-forwarded-for': address }),
        },
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return { status: response.status, text: await response.text() };
    } catch (cause) {
      throw new DashboardProblem('unavailable', "The gateway isn't responding. Try again in a moment.", {
        headers: retryAfter(2),
        reason: 'gateway_unreachable',
        cause,
      });
    }
  }
}

function parseKeyId(token: string): KeyId {
  const id = /_[0-9A-Za-z]{46}$/.test(token) ? findKeyId(token) : undefined;
  if (id !== undefined) return id;
  throw new DashboardProblem('invalid_request', "That isn't a complete key. Copy all of it.");
}

function parseBody(text: string): unknown {
  try {
    return text.length > MAX_RESPONSE_CHARACTERS ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
