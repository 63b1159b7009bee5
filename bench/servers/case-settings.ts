import { z } from 'zod';
import type { KeyGuardOptions } from '#libs/key-guard';

const settings = z.object({
  KEYS_VERIFY_URL: z.string(),
  KEYS_VERIFY_TOKEN: z.string(),
  KEY_TAG_SECRET: z.string(),
  REDIS_URL: z.string(),
  CACHE_SIZE: z.coerce.number().default(100_000),
  RATE_LIMIT: z.enum(['off', 'on', 'per key']).default('off'),
});

/** The guard's options for the benchmark, by the same environment variables as the gateway's. */
export function guardOptions(): KeyGuardOptions {
  const { KEYS_VERIFY_URL, KEYS_VERIFY_TOKEN, KEY_TAG_SECRET, REDIS_URL, CACHE_SIZE, RATE_LIMIT } =
    settings.parse(process.env);
  return {
    keysUrl: KEYS_VERIFY_URL,
    verifyToken: KEYS_VERIFY_TOKEN,
    tagSecrets: [KEY_TAG_SECRET],
    revocations: { redisUrl: REDIS_URL },
    cacheSize: CACHE_SIZE,
    rateLimits: limitsOf(RATE_LIMIT),
  };
}

function limitsOf(limit: 'off' | 'on' | 'per key'): NonNullable<KeyGuardOptions['rateLimits']> {
  // Far more than is sent, so that nothing is refused for it.
  const unlimited = 1_000_000_000;
  switch (limit) {
    case 'off':
      return 'none';
    case 'on': // each request is counted in Redis
      return { perMinute: unlimited, failedAuthenticationsPerMinute: unlimited };
    case 'per key':
      return { failedAuthenticationsPerMinute: unlimited };
  }
}
