import { z } from 'zod';
import { KEY_PREFIX_MAX_LENGTH, KEY_PREFIX_SHAPE } from '#libs/key-format';
import { postgresAuthorities, postgresUrl } from '#libs/postgres';
import { redisAuthorities, redisPrefix, redisUrl, sentinelPassword } from '#libs/redis';
import { LOG_LEVELS, drainSeconds } from '#libs/service';
import {
  certificates,
  host,
  integer,
  oneOf,
  port,
  privateKey,
  secretText,
  secrets,
  text,
} from '#libs/settings';
import { tracingSettings } from '#libs/tracing';

/** Everything the keys service can be told. Names are environment variables; `NAME_FILE` names a file with the value. */
export const keysSettings = z.object({
  DATABASE_URL: postgresUrl().describe(
    'PostgreSQL, where keys are stored: an address as libpq has it, with a host or a socket. Always the primary. A pooler in between must know prepared statements.',
  ),
  DATABASE_PASSWORD: secretText('must be the password of the database user')
    .optional()
    .describe('Instead of the one in `DATABASE_URL`.'),
  DATABASE_TLS_CA: postgresAuthorities(),
  DATABASE_POOL: integer({ min: 4, max: 500, unit: 'connections' })
    .default(10)
    .describe('Connections to PostgreSQL, at most. Two of them are kept, to listen and for a lock.'),
  REDIS_URL: redisUrl().describe(
    'Redis, through which gateways learn of revocations, and which remembers that a key has passed bcrypt; or its sentinels.',
  ),
  REDIS_PASSWORD: secretText('must be the password of Redis')
    .optional()
    .describe('Instead of the one in `REDIS_URL`.'),
  REDIS_SENTINEL_PASSWORD: sentinelPassword(),
  REDIS_TLS_CA: redisAuthorities(),
  REDIS_PREFIX: redisPrefix(),
  KEYS_HOST: host()
    .default('0.0.0.0')
    .describe('Address on which the management API and the verification RPC listen.'),
  KEYS_MANAGE_PORT: port().default(3001).describe('Port of the management API (HTTP).'),
  KEYS_VERIFY_PORT: port().default(3002).describe('Port of the verification RPC (Nest TCP).'),
  KEYS_INTERNAL_HOST: host().default('127.0.0.1').describe('Address on which operators may look inside.'),
  KEYS_INTERNAL_PORT: port()
    .optional()
    .describe(
      'Port of `/metrics` (Prometheus), which needs no credential: keep it inside. Not opened unless set.',
    ),
  DRAIN_SECONDS: drainSeconds(),
  KEYS_MANAGE_TOKEN: secrets().describe(
    'Credential of the management API; several with commas between them are all accepted.',
  ),
  KEYS_VERIFY_TOKEN: secrets().describe(
    'Credential of the verification RPC; several with commas between them are all accepted.',
  ),
  KEYS_TLS_CERT: certificates()
    .optional()
    .describe(
      'Certificate of the management API and the verification RPC, PEM, followed by its intermediates. With `KEYS_TLS_KEY`, both speak TLS.',
    ),
  KEYS_TLS_KEY: privateKey().optional().describe('Private key of that certificate, PEM.'),
  KEY_PREFIX: text(
    'must look like sk_live: small letters, digits and single underscores, at most 20',
    KEY_PREFIX_SHAPE,
    KEY_PREFIX_MAX_LENGTH,
  )
    .default('sk_live')
    .describe('How keys begin.'),
  KEY_TAG_SECRET: secrets().describe(
    'Signs the tag by which gateways know our keys. The first signs, all verify; the same at keys and gateway.',
  ),
  VERDICT_SECRET: secrets().describe(
    'Signs, in Redis, that a key has passed bcrypt. The first signs, all verify; the same at all replicas of keys.',
  ),
  BCRYPT_COST: integer({ min: 4, max: 16 }).default(12).describe('bcrypt cost of new keys.'),
  BCRYPT_CONCURRENCY: integer({ min: 1, max: 64 })
    .default(2)
    .describe('bcrypt runs at the same time, for new keys and for first uses each. Each takes a core.'),
  BCRYPT_QUEUE: integer({ min: 0, max: 10_000 })
    .default(8)
    .describe(
      'bcrypt runs of either kind that may wait. Beyond it, the answer is "busy": nobody would wait for them.',
    ),
  KEYS_PER_OWNER: integer({ min: 1, max: 1_000_000, unit: 'keys' })
    .default(1000)
    .describe('Keys that an owner may have at the same time; revoked and expired ones do not count.'),
  ACTIVITY_DAYS: integer({ min: 1, max: 3650, unit: 'days' })
    .default(30)
    .describe('For how many days it is kept what keys have done, and from which addresses.'),
  ...tracingSettings,
  LOG_LEVEL: oneOf(LOG_LEVELS).default('info').describe('How much is logged.'),
});

export type KeysSettings = z.output<typeof keysSettings>;
