import { isKeyId } from '#libs/key-format';
import type { Principal } from '#libs/keys-contract';
import { type RequestVerifier, requestVerifier } from '../create-verifier.js';
import { FollowedLog } from '../followed-log.js';
import { KeyVerifier, type KeysService, type VerifierParts } from '../key-verifier.js';
import { type RateLimitOptions, RequestLimits } from '../limits/request-limits.js';
import { SILENT } from '../log.js';

/** The keys of a test, and what they are subject to. */
export interface TestKeys {
  /**
   * Each key's principal, by its text: `Authorization: Bearer reader` presents the key `reader`. Add keys, change and
   * delete them whenever you like: every request looks them up.
   */
  readonly keys: Record<string, Principal>;
  /** The limits of keys, counted within the process. Default: none. */
  readonly rateLimits?: RateLimitOptions | 'none' | undefined;
  /** The realm in challenges. */
  readonly realm?: string | undefined;
}

/** The texts that can be in a header `Authorization: Bearer`. */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/** A verifier of these keys, for an application's tests. Everything else is as with `createVerifier`. */
export async function createTestVerifier(test: TestKeys): Promise<RequestVerifier> {
  return requestVerifier(await openTestEngine(test), SILENT);
}

/** The engine with these keys instead of a keys service, for adapters to frameworks. */
export async function openTestEngine({ keys, rateLimits = 'none', realm }: TestKeys): Promise<KeyVerifier> {
  for (const [text, { keyId }] of Object.entries(keys)) {
    if (!TOKEN.test(text)) throw new TypeError(`the key "${text}" must be letters, digits and - . _ ~ + /`);
    if (!isKeyId(keyId)) throw new TypeError(`the principal of the key "${text}" must come from principal()`);
  }
  const followed = await FollowedLog.open('none', SILENT);
  const limits = await RequestLimits.open(rateLimits, 'none', followed.log, SILENT);
  const [client, format] = [keysServiceOf(keys), formatOf(keys)];
  return new KeyVerifier({ keysUrl: 'a test', realm }, { client, format, followed, limits, log: SILENT });
}

function formatOf(keys: TestKeys['keys']): VerifierParts['format'] {
  return {
    tagFingerprints: [],
    extractId: (text) => text,
    read: (text) => {
      const id = Object.hasOwn(keys, text) ? keys[text]?.keyId : undefined;
      return id !== undefined && isKeyId(id)
        ? { outcome: 'genuine', id, secret: text, digest: text, text }
        : { outcome: 'malformed' };
    },
  };
}

function keysServiceOf(keys: TestKeys['keys']): KeysService {
  return {
    verify: ({ text }) => {
      const found = keys[text];
      return Promise.resolve(
        found === undefined
          ? { outcome: 'refused', reason: 'unknown', cacheable: false }
          : { outcome: 'valid', principal: found, cacheable: false },
      );
    },
    report: () => Promise.resolve(),
    reportActivity: () => Promise.resolve(),
    reportExposure: ({ text }) => {
      const isOurs = Reflect.deleteProperty(keys, text);
      return Promise.resolve(isOurs ? { outcome: 'revoked', wasUsable: true } : { outcome: 'refused' });
    },
    isReady: () => Promise.resolve(true),
    catalogue: () => Promise.resolve({ outcome: 'unknown' }),
    tagSecrets: () => Promise.resolve({ outcome: 'unknown' }),
    close: () => undefined,
  };
}
