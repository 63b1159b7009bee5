import { z } from 'zod';
import type { KeyGuardOptions } from '#libs/key-guard';

const settings = z.object({
  KEYS_VERIFY_URL: z.string(),
  KEYS_VERIFY_TOKEN: z.string(),
  KEY_TAG_SECRET: z.string(),
  REDIS_URL: z.string(),
  CACHE_SIZE: z.coerce.number().default(100_000),
  RATE_LIMIT: z.enum(['on', 'off']).default('off'),
});

/** The options of the guard as the benchmark sets it up, by environment variables as the gateway's. */
export function guardOptions(): KeyGuardOptions {
  const { KEYS_VERIFY_URL, KEYS_VERIFY_TOKEN, KEY_TAG_SECRET, REDIS_URL, CACHE_SIZE, RATE_LIMIT } =
    settings.parse(process.env);
  return {
    keysUrl: KEYS_VERIFY_URL,
    verifyToken: KEYS_VERIFY_TOKEN,
    tagSecrets: [KEY_TAG_SECRET],
    revocations: { redisUrl: REDIS_URL },
    cacheSize: CACHE_SIZE,
    // Far more than is sent: each request is counted in Redis, and none is refused for its number.
    rateLimits: RATE_LIMIT === 'on' ? { perMinute: 1_000_000_000 } : 'none',
  };
}
