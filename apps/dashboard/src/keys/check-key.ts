import { Injectable } from '@nestjs/common';
import { type KeyId, findKeyId } from '#libs/key-format';
import { ManageClient, type Owner } from '#libs/keys-client';
import { ProblemException, retryAfter } from '#libs/problems';
import type { KeyCheck } from '../contract.js';

/** How long the gateway may take, in milliseconds. */
const TIMEOUT_MS = 5000;

/** The largest answer that is passed on, in characters: what `GET /v1/me` says is far below it. */
const LONGEST_ANSWER = 64 * 1024;

/** Where keys are tried. */
export class Gateway {
  constructor(readonly url: string) {}
}

/** Tries a person's own key at the gateway, as their program would, so that they see what it answers. */
@Injectable()
export class CheckKey {
  constructor(
    private readonly manage: ManageClient,
    private readonly gateway: Gateway,
  ) {}

  /** Throws `not_found` for keys of others and for unknown ones alike. `address` is where the person calls from. */
  async execute(owner: Owner, token: string, address: string): Promise<KeyCheck> {
    const key = await this.manage.get(wholeKeyIn(token));
    if (key.ownerId !== owner.id) throw unknownKey();
    const askedAt = performance.now();
    const { status, text } = await this.#ask(token, address);
    const tookMs = Math.round((performance.now() - askedAt) * 10) / 10;
    return { status, body: bodyIn(text), tookMs };
  }

  /** The address is told, so that a gateway that trusts us counts refused keys against the person and not against us. */
  async #ask(token: string, address: string): Promise<{ status: number; text: string }> {
    try {
      const response = await fetch(`${this.gateway.url}/v1/me`, {
        headers: {
          authorization: `Bearer ${token}`,
          ...(address !== '' && { 'x-forwarded-for': address }),
        },
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return { status: response.status, text: await response.text() };
    } catch (cause) {
      throw new ProblemException('unavailable', 'The gateway does not answer. Try again in a moment.', {
        headers: retryAfter(2),
        reason: 'gateway_away',
        cause,
      });
    }
  }
}

function wholeKeyIn(token: string): KeyId {
  const id = /_[0-9A-Za-z]{46}$/.test(token) ? findKeyId(token) : undefined;
  if (id !== undefined) return id;
  throw new ProblemException('invalid_request', 'This is not a whole key: copy all of it.');
}

/** For keys of others and for those that were never made. */
export function unknownKey(): ProblemException {
  return new ProblemException('not_found', 'There is no key of that id.');
}

function bodyIn(text: string): unknown {
  try {
    return text.length > LONGEST_ANSWER ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
