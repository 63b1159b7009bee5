import { z } from 'zod';
import { catalogueSetting } from '#libs/catalogue';
import { KEY_PREFIX_MAX_LENGTH, KEY_PREFIX_SHAPE } from '#libs/key-format';
import { EXPOSURE_SOURCES } from '#libs/keys-contract';
import { postgresAuthorities, postgresUrl } from '#libs/postgres';
import { redisAuthorities, redisPrefix, redisUrl, sentinelPassword } from '#libs/redis';
import { LOG_LEVELS, drainSeconds } from '#libs/service';
import {
  authorities,
  baseUrl,
  certificates,
  flag,
  host,
  integer,
  oneOf,
  port,
  privateKey,
  secretText,
  secrets,
  someOf,
  text,
} from '#libs/settings';
import { tracingSettings } from '#libs/tracing';
import { smtpUrl } from './emails/smtp-url.js';

/** The settings of the keys service. Names are environment variables; `NAME_FILE` names a file with the value. */
export const keysSettings = z.object({
  DATABASE_URL: postgresUrl().describe(
    'PostgreSQL database of the keys, as a libpq URL with a host or a socket. Always the primary. A pooler in between must give each client a session of its own.',
  ),
  DATABASE_PASSWORD: secretText('must be the password of the database user')
    .optional()
    .describe('Overrides the password in `DATABASE_URL`.'),
  DATABASE_TLS_CA: postgresAuthorities(),
  DATABASE_POOL: integer({ min: 4, max: 500, unit: 'connections' })
    .default(10)
    .describe('Connections to PostgreSQL, at most. Two of them are kept, to listen and for a lock.'),
  REDIS_URL: redisUrl().describe(
    'Redis, through which gateways learn of revocations, and which remembers that a key has passed bcrypt; or its sentinels.',
  ),
  REDIS_PASSWORD: secretText('must be the password of Redis')
    .optional()
    .describe('Overrides the password in `REDIS_URL`.'),
  REDIS_SENTINEL_PASSWORD: sentinelPassword(),
  REDIS_TLS_CA: redisAuthorities(),
  REDIS_PREFIX: redisPrefix(),
  KEYS_HOST: host()
    .default('0.0.0.0')
    .describe('Address on which the management API and the verification RPC listen.'),
  KEYS_MANAGE_PORT: port().default(3001).describe('Port of the management API (HTTP).'),
  KEYS_VERIFY_PORT: port().default(3002).describe('Port of the verification RPC (Nest TCP).'),
  KEYS_INTERNAL_HOST: host().default('127.0.0.1').describe('Address of the internal port.'),
  KEYS_INTERNAL_PORT: port()
    .optional()
    .describe(
      'Port of `/metrics` (Prometheus), which needs no credential: keep it internal. Default: closed.',
    ),
  DRAIN_SECONDS: drainSeconds(),
  KEYS_MANAGE_TOKEN: secrets().describe('Comma-separated tokens of the management API. Each is accepted.'),
  KEYS_VERIFY_TOKEN: secrets().describe('Comma-separated tokens of the verification RPC. Each is accepted.'),
  KEYS_TLS_CERT: certificates()
    .optional()
    .describe(
      'Certificate of the management API and the verification RPC, PEM, followed by its intermediates. With `KEYS_TLS_KEY`, both speak TLS.',
    ),
  KEYS_TLS_KEY: privateKey().optional().describe('Private key of that certificate (PEM).'),
  KEY_PREFIX: text(
    'must look like sk_live: small letters, digits and single underscores, at most 20',
    KEY_PREFIX_SHAPE,
    KEY_PREFIX_MAX_LENGTH,
  )
    .default('sk_live')
    .describe('Prefix of keys.'),
  CATALOGUE: catalogueSetting().describe(
    'What keys can be issued with: a title, groups, capabilities and presets, as YAML, by `CATALOGUE_FILE`. The same for keys and gateways.',
  ),
  KEY_TAG_SECRET: secrets().describe(
    'Signs the tag by which gateways recognize our keys. The first signs, all verify. The same for keys and gateways.',
  ),
  VERDICT_SECRET: secrets().describe(
    'Signs verdicts: that a key has passed bcrypt. The first signs, all verify. The same for all replicas of keys.',
  ),
  WEBHOOK_SECRET: secrets()
    .optional()
    .describe(
      'Gives each [webhook](webhooks.md) its signing secret. The first gives new ones, all sign. The same for all replicas of keys. Default: no webhook can be added.',
    ),
  WEBHOOK_ALLOW_PRIVATE: flag()
    .default(false)
    .describe('Whether webhooks may go to `http:` and to private addresses: `true` or `false`.'),
  BCRYPT_COST: integer({ min: 4, max: 16 }).default(12).describe('bcrypt cost of new keys.'),
  BCRYPT_CONCURRENCY: integer({ min: 1, max: 64 })
    .default(2)
    .describe('Maximum concurrent bcrypt runs, for new keys and for first uses each. A run takes a core.'),
  BCRYPT_QUEUE: integer({ min: 0, max: 10_000 })
    .default(8)
    .describe('Maximum bcrypt runs of either kind that wait. Beyond it: 503.'),
  KEYS_PER_OWNER: integer({ min: 1, max: 1_000_000, unit: 'keys' })
    .default(1000)
    .describe('Maximum active keys per owner. Revoked and expired keys do not count.'),
  KEY_DEFAULT_DAYS: integer({ min: 1, max: 36_500, unit: 'days' })
    .optional()
    .describe(
      'After how many days a new key expires whose request does not say when. Default: after `KEY_MAX_DAYS`, or never.',
    ),
  KEY_MAX_DAYS: integer({ min: 1, max: 36_500, unit: 'days' })
    .optional()
    .describe('How many days a new key may live at most. Keys that exist already keep their expiry.'),
  KEY_IDLE_DAYS: integer({ min: 7, max: 36_500, unit: 'days' })
    .optional()
    .describe(
      'Keys that were not used for so many days are revoked. It is announced before: see [Lifetimes](#lifetimes).',
    ),
  ACTIVITY_DAYS: integer({ min: 1, max: 3650, unit: 'days' })
    .default(30)
    .describe('How many days the activity of keys is kept: routes, statuses and addresses.'),
  EXPOSURE_MARK_ONLY: someOf(EXPOSURE_SOURCES)
    .default(['trufflehog'])
    .describe(
      'Comma-separated sources whose reports of exposed keys only mark the key instead of revoking it ([leaked keys](#leaked-keys)); `none`: each report revokes.',
    ),
  SMTP_URL: smtpUrl()
    .optional()
    .describe(
      'Mail server by which owners of keys are told of them, as an URL: `smtp://` with STARTTLS, or `smtps://`. Default: no emails.',
    ),
  SMTP_PASSWORD: secretText('must be the password at the mail server')
    .optional()
    .describe('Overrides the password in `SMTP_URL`.'),
  SMTP_TLS_CA: authorities()
    .optional()
    .describe('Certificates to trust for the mail server, PEM, instead of the system’s.'),
  MAIL_FROM: text(
    'must be an address such as keys@example.com, or one with a name: Le Bureau <keys@example.com>',
    /^(?:[^\s<>@",]+@[a-z0-9.-]+|[^<>@"\r\n,]+ <[^\s<>@",]+@[a-z0-9.-]+>)$/i,
    320,
  )
    .optional()
    .describe('Address from which emails are sent. Required with `SMTP_URL`.'),
  DASHBOARD_URL: baseUrl(['http:', 'https:'], 'https://dashboard.example.com')
    .optional()
    .describe('URL at which people open the dashboard, for links in emails.'),
  ...tracingSettings,
  LOG_LEVEL: oneOf(LOG_LEVELS).default('info').describe('Minimum level of log messages.'),
});

export type KeysSettings = z.output<typeof keysSettings>;
