import { describe, expect, it } from '@jest/globals';
import { InProcessLog } from '#libs/revocations';
import type { VerifierOptions } from './options.js';
import { OptionsError, checkOptions, verifierOptions } from './parse-options.js';

const options: VerifierOptions = {
  keysUrl: 'tcp://keys:3002',
  verifyToken: 'the token',
  tagSecrets: ['a secret'],
  revocations: { redisUrl: 'redis://redis:6379' },
};

/** The sentences about options that differ from valid ones. */
function mistakes(different: Readonly<Record<string, unknown>>): string[] {
  try {
    checkOptions(verifierOptions, { ...options, ...different });
  } catch (err) {
    if (err instanceof OptionsError) return err.message.split('\n');
    throw err;
  }
  return [];
}

describe('the options', () => {
  it('may all be given', () => {
    expect(mistakes({})).toEqual([]);
    expect(
      mistakes({
        ca: 'PEM',
        rateLimits: { perMinute: 1, ownerPerMinute: undefined },
        keyPrefix: 'sk_test',
        realm: 'invoices',
        cacheSize: 10,
        lastUsedEverySeconds: 0.5,
        tracing: undefined,
      }),
    ).toEqual([]);
    expect(mistakes({ revocations: 'none', rateLimits: 'none' })).toEqual([]);
    expect(mistakes({ revocations: { log: new InProcessLog() } })).toEqual([]);
    const sentinels = 'rediss+sentinel://a:26379,b:26379/mymaster';
    expect(mistakes({ revocations: { redisUrl: sentinels, prefix: 'a:', password: 'b' } })).toEqual([]);
  });

  it.each<[Record<string, unknown>, string]>([
    [
      { keysUrl: '' },
      'keysUrl must be the verification RPC of keys, such as tcp://keys:3002 or tls://keys:3002.',
    ],
    [
      { keysUrl: 'http://keys:3002' },
      'keysUrl must be the verification RPC of keys, such as tcp://keys:3002 or tls://keys:3002.',
    ],
    [{ verifyToken: '' }, 'verifyToken must be the KEYS_VERIFY_TOKEN of the keys service.'],
    [{ tagSecrets: [] }, 'tagSecrets must be a list with the KEY_TAG_SECRET of the keys service.'],
    [{ tagSecrets: 'secret' }, 'tagSecrets must be a list with the KEY_TAG_SECRET of the keys service.'],
    [
      { tagSecrets: ['secret', ''] },
      'tagSecrets.1 must be a list with the KEY_TAG_SECRET of the keys service.',
    ],
    [
      { revocations: 'redis://redis' },
      "revocations must be { redisUrl: 'redis://…' }, the Redis of the keys service, or 'none'.",
    ],
    [
      { revocations: { redisUrl: 'localhost' } },
      'revocations.redisUrl must be a URL such as redis://localhost:6379, or redis+sentinel://sentinel-1:26379,sentinel-2:26379/mymaster.',
    ],
    [{ revocations: { redisUrl: 'redis://a', passwort: 'b' } }, 'There is no option revocations.passwort.'],
    [{ rateLimits: false }, "rateLimits must be an object such as { perMinute: 60 }, or 'none'."],
    [{ rateLimits: { perMinute: 0.5 } }, 'rateLimits.perMinute must be an integer of at least 1.'],
    [{ rateLimits: { perMinutes: 1 } }, 'There is no option rateLimits.perMinutes.'],
    [
      { keyPrefix: 'sk-live' },
      'keyPrefix must look like sk_live: lowercase letters, digits and single underscores.',
    ],
    [{ realm: 'a "realm"' }, 'realm must be printable ASCII without quotes and backslashes.'],
    [{ cacheSize: 0 }, 'cacheSize must be an integer of at least 1.'],
    [{ lastUsedEverySeconds: 0 }, 'lastUsedEverySeconds must be more than 0.'],
    [{ tagSecret: 'a' }, 'There is no option tagSecret.'],
  ])('are refused by name, in a sentence: %p', (different, sentence) => {
    expect(mistakes(different)).toEqual([sentence]);
  });

  it('are all listed that are missing or wrong, without what was given', () => {
    expect(() => checkOptions(verifierOptions, { verifyToken: 5, tagSecrets: ['', 'hush'] })).toThrow(
      [
        'keysUrl is missing: it must be the verification RPC of keys, such as tcp://keys:3002 or tls://keys:3002.',
        'verifyToken must be the KEYS_VERIFY_TOKEN of the keys service.',
        'tagSecrets.0 must be a list with the KEY_TAG_SECRET of the keys service.',
        "revocations is missing: it must be { redisUrl: 'redis://…' }, the Redis of the keys service, or 'none'.",
      ].join('\n'),
    );
  });
});
