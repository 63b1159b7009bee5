import type { Refusal } from '#libs/keys-contract';
import { retryAfter } from '#libs/problems';
import type { RateLimitResult } from '../limits/rate-limits.js';
import type { Authentication } from '../authentication/authentication.js';
import { KeyGuardProblem, type KeyGuardReason } from '../key-guard-problem.js';
import type { UsedUpShare } from '../limits/request-limits.js';

/** The problems that the guard responds with, and their challenges (RFC 6750 section 3). */
export class Challenges {
  readonly #realm: string;
  readonly #invalidTokens = new Map<Refusal, KeyGuardProblem>();

  constructor(realm: string) {
    this.#realm = realm;
  }

  /** No credentials, or of another scheme: no error code (RFC 6750 section 3.1). */
  missing(): KeyGuardProblem {
    return new KeyGuardProblem('credentials_missing', 'Send an API key as "Authorization: Bearer <key>".', {
      headers: this.#challenge(),
    });
  }

  malformed(detail: string): KeyGuardProblem {
    return new KeyGuardProblem('invalid_request', detail, {
      headers: this.#challenge('error="invalid_request"'),
      reason: 'credentials_malformed',
    });
  }

  /** The key lacks a capability; the response names those that are required. */
  insufficient(required: readonly string[], granted: readonly string[]): KeyGuardProblem {
    const missing = required.filter((capability) => !granted.includes(capability));
    const sentence = `This route needs ${required.join(' and ')}; the key lacks ${missing.join(' and ')}. Capabilities are fixed: create a key that has them.`;
    return this.#insufficientScope(sentence, required, { required, granted });
  }

  /** The key has none of the capabilities of which it needs one; the response names them. */
  noneOf(accepted: readonly string[], granted: readonly string[]): KeyGuardProblem {
    const sentence = `This route needs ${accepted.join(' or ')}, and the key has none of them. Capabilities are fixed: create a key that has one.`;
    return this.#insufficientScope(sentence, accepted, { requiredAnyOf: accepted, granted });
  }

  /** Anything but an authenticated key. Unknown, forged, expired and revoked look alike; only the log distinguishes them. */
  refused(authentication: Exclude<Authentication, { outcome: 'authenticated' }>): KeyGuardProblem {
    switch (authentication.outcome) {
      case 'refused':
        return this.#invalidToken(authentication.reason);
      case 'busy':
        return unavailable(authentication.retryAfterSeconds, 'keys_busy');
      case 'unavailable':
        return unavailable(1, 'keys_unavailable', authentication.cause);
    }
  }

  /**
   * The key may not be used from where the request comes from. Nothing says from where it may: a thief of the key
   * would learn whose address to use. No challenge, since another credential from there is not what is asked for.
   */
  addressNotAllowed(reason?: 'allowed_addresses_unreadable'): KeyGuardProblem {
    return new KeyGuardProblem(
      'address_not_allowed',
      'The key may not be used from your address. Its owner can see which addresses are allowed, and create a key for others.',
      { reason },
    );
  }

  /** The key has reached its rate limit. */
  rateLimited({ quota, resetSeconds }: RateLimitResult): KeyGuardProblem {
    const sentence = `The key may make ${quota} requests per minute. Try again in ${seconds(resetSeconds)}.`;
    return limited('per-key', sentence, resetSeconds);
  }

  /** All keys of the owner together have reached the rate limit. */
  ownerRateLimited({ quota, resetSeconds }: RateLimitResult): KeyGuardProblem {
    const sentence = `All keys of one owner together may make ${quota} requests per minute. Try again in ${seconds(resetSeconds)}.`;
    return limited('per-owner', sentence, resetSeconds, 'owner_rate_limited');
  }

  /** The key, or all keys of its owner together, have the maximum of open requests. */
  tooManyConcurrent({ usedUp, max }: UsedUpShare): KeyGuardProblem {
    const subject = usedUp === 'key' ? 'The key already has' : 'All keys of its owner together already have';
    const policy = usedUp === 'key' ? 'concurrent-requests' : 'concurrent-requests-per-owner';
    return new KeyGuardProblem(
      'too_many_concurrent_requests',
      `${subject} ${max} open requests, streams included. Wait until one ends, or close one.`,
      {
        headers: retryAfter(1),
        extensions: { 'violated-policies': [policy] },
        reason: usedUp === 'owner' ? 'owner_too_many_concurrent_requests' : undefined,
      },
    );
  }

  /** Too many invalid keys came from the same address: only keys that were found valid before are accepted from it. */
  blocked(forSeconds: number): KeyGuardProblem {
    const sentence = `Too many invalid keys came from your address. Correct the key, and try again in ${seconds(forSeconds)}.`;
    return limited('failed-authentications', sentence, forSeconds, 'too_many_failures');
  }

  /** Created once per reason: nothing in it depends on the request, and forged keys may come by the thousand. */
  #invalidToken(reason: Refusal): KeyGuardProblem {
    let problem = this.#invalidTokens.get(reason);
    if (problem === undefined) {
      const headers = this.#challenge('error="invalid_token"');
      const detail = 'The API key is not valid. Check that it is complete, or create another.';
      problem = new KeyGuardProblem('invalid_token', detail, { headers, reason });
      this.#invalidTokens.set(reason, problem);
    }
    return problem;
  }

  #insufficientScope(
    sentence: string,
    capabilities: readonly string[],
    extensions: Readonly<Record<string, unknown>>,
  ): KeyGuardProblem {
    return new KeyGuardProblem('insufficient_scope', sentence, {
      headers: {
        ...this.#challenge(`error="insufficient_scope", scope="${capabilities.join(' ')}"`),
        'x-accepted-capabilities': capabilities.join(', '),
      },
      extensions,
    });
  }

  #challenge(...parameters: string[]): Record<string, string> {
    return { 'www-authenticate': [`Bearer realm="${this.#realm}"`, ...parameters].join(', ') };
  }
}

/** `violated-policies` is a member of draft-ietf-httpapi-ratelimit-headers-10, as are the names of the policies. */
function limited(
  policy: string,
  detail: string,
  forSeconds: number,
  reason?: KeyGuardReason,
): KeyGuardProblem {
  return new KeyGuardProblem('rate_limited', detail, {
    headers: retryAfter(forSeconds),
    extensions: { 'violated-policies': [policy] },
    reason,
  });
}

function seconds(count: number): string {
  return count === 1 ? '1 second' : `${count} seconds`;
}

function unavailable(seconds: number, reason: KeyGuardReason, cause?: unknown): KeyGuardProblem {
  return new KeyGuardProblem('unavailable', 'Keys cannot be checked right now. Try again in a moment.', {
    headers: retryAfter(seconds),
    reason,
    cause,
  });
}
