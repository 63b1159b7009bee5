import { z } from 'zod';
import { KEY_PREFIX_MAX_LENGTH, KEY_PREFIX_SHAPE } from '#libs/key-format';
import { redisAuthorities, redisPrefix, redisUrl, sentinelPassword } from '#libs/redis';
import { LOG_LEVELS, drainSeconds } from '#libs/service';
import {
  authorities,
  endpoints,
  host,
  integer,
  networks,
  oneOf,
  origins,
  port,
  secretText,
  secrets,
  text,
  url,
} from '#libs/settings';
import { tracingSettings } from '#libs/tracing';

/** The address of a service behind the gateway, which a deployment may do without. */
function upstream() {
  return url(['http:', 'https:'], 'http://desktops:8080').optional();
}

/** Everything the gateway can be told. Names are environment variables; `NAME_FILE` names a file with the value. */
export const gatewaySettings = z.object({
  GATEWAY_HOST: host().default('0.0.0.0').describe('Address on which it listens.'),
  GATEWAY_PORT: port().default(3000).describe('Port of the public API (HTTP).'),
  GATEWAY_CONNECTIONS: integer({ min: 1, max: 65_535, unit: 'connections' })
    .default(4096)
    .describe(
      'Maximum number of client connections, streams included. At the limit, idle connections are closed and new ones refused.',
    ),
  CLIENT_HEADERS_SECONDS: integer({ min: 1, max: 3600, unit: 'seconds' })
    .default(10)
    .describe('How long a client may take to send the headers of a request. Beyond it: 408.'),
  CLIENT_BODY_SECONDS: integer({ min: 1, max: 3600, unit: 'seconds' })
    .default(30)
    .describe('How long it may take to send the body, once its key is accepted. Beyond it: 408.'),
  CLIENT_READ_SECONDS: integer({ min: 1, max: 3600, unit: 'seconds' })
    .default(30)
    .describe(
      'How long it may read nothing of an answer that waits for it. It is cut off after up to twice that.',
    ),
  CLIENT_IDLE_SECONDS: integer({ min: 1, max: 3600, unit: 'seconds' })
    .default(72)
    .describe('How long a connection without a request is kept: longer than the balancer in front keeps it.'),
  GATEWAY_INTERNAL_HOST: host().default('127.0.0.1').describe('Address on which operators may look inside.'),
  GATEWAY_INTERNAL_PORT: port()
    .optional()
    .describe(
      'Port of `/metrics` (Prometheus) and `/.well-known/jwks.json`, which need no credential: keep it inside. Not opened unless set.',
    ),
  DRAIN_SECONDS: drainSeconds(),
  KEYS_VERIFY_URL: endpoints(['tcp:', 'tls:'], 'tcp://keys:3002').describe(
    'The verification RPC of keys. A name with several addresses is several replicas.',
  ),
  KEYS_VERIFY_TOKEN: secrets().describe('Credential of the verification RPC; the first is sent.'),
  KEYS_TLS_CA: authorities().optional().describe('Certificates to trust for `tls://`, PEM.'),
  REDIS_URL: redisUrl().describe(
    'Redis, through which revocations are learnt, and where requests are counted; or its sentinels.',
  ),
  REDIS_PASSWORD: secretText('must be the password of Redis')
    .optional()
    .describe('Instead of the one in `REDIS_URL`.'),
  REDIS_SENTINEL_PASSWORD: sentinelPassword(),
  REDIS_TLS_CA: redisAuthorities(),
  REDIS_PREFIX: redisPrefix(),
  KEY_PREFIX: text(
    'must look like sk_live: small letters, digits and single underscores, at most 20',
    KEY_PREFIX_SHAPE,
    KEY_PREFIX_MAX_LENGTH,
  )
    .default('sk_live')
    .describe('How keys begin; the same as at keys.'),
  KEY_TAG_SECRET: secrets().describe('Tells our keys from forged ones; the same as at keys.'),
  IDENTITY_SECRET: secrets().describe(
    'Signs who makes a request, for the services behind the gateway. The first signs, the public keys of all are published; the same at all gateways.',
  ),
  PRINCIPAL_CACHE_SIZE: integer({ min: 1, max: 10_000_000, unit: 'keys' })
    .default(100_000)
    .describe('How many verified keys are kept, for up to 10 seconds each.'),
  RATE_LIMIT_PER_MINUTE: integer({ min: 1, max: 1_000_000, unit: 'requests' })
    .default(60)
    .describe('Requests a minute of a key that has no limit of its own, over all gateways.'),
  OWNER_RATE_LIMIT_PER_MINUTE: integer({ min: 1, max: 1_000_000, unit: 'requests' })
    .optional()
    .describe('Requests a minute of all keys of one owner together, over all gateways. Default: no limit.'),
  CONCURRENT_REQUESTS_PER_KEY: integer({ min: 1, max: 65_535, unit: 'requests' })
    .default(64)
    .describe(
      'Requests of one key that may be open at the same time at each gateway, streams included. Beyond it: 429.',
    ),
  CONCURRENT_REQUESTS_PER_OWNER: integer({ min: 1, max: 65_535, unit: 'requests' })
    .default(256)
    .describe(
      'The same for all keys of one owner together: less than `UPSTREAM_CONNECTIONS`, which all owners share.',
    ),
  FAILED_AUTHENTICATIONS_PER_MINUTE: integer({ min: 1, max: 1_000_000, unit: 'failures' })
    .default(10)
    .describe(
      'Refused keys a minute from one address, after which a gateway only accepts keys from it that it has already found valid.',
    ),
  TRUSTED_PROXIES: networks()
    .optional()
    .describe(
      'Addresses and networks of the proxies in front, with commas between them: the client is who they say in `X-Forwarded-For`.',
    ),
  CORS_ORIGINS: origins()
    .optional()
    .describe(
      'Web pages whose scripts may read the answers, with commas between them. A key in a page is known to all who open it.',
    ),
  LAST_USED_EVERY_SECONDS: integer({ min: 1, max: 20, unit: 'seconds' })
    .default(20)
    .describe(
      'How often keys is told which keys were used, and for what. `lastUsedAt` is at most 60 seconds late.',
    ),
  UPSTREAM_DESKTOPS_URL: upstream().describe(
    'The service behind `/v1/desktops`. Without it, its routes answer 503.',
  ),
  UPSTREAM_SCHEDULES_URL: upstream().describe('The service behind `/v1/schedules`; the same.'),
  UPSTREAM_KB_URL: upstream().describe('The service behind `/v1/kb`; the same.'),
  UPSTREAM_CONNECT_SECONDS: integer({ min: 1, max: 60, unit: 'seconds' })
    .default(3)
    .describe('How long connecting to one of these may take.'),
  UPSTREAM_ANSWER_SECONDS: integer({ min: 1, max: 3600, unit: 'seconds' })
    .default(30)
    .describe('How long it may take until its answer begins.'),
  UPSTREAM_WORK_SECONDS: integer({ min: 1, max: 3600, unit: 'seconds' })
    .default(660)
    .describe('The same where it works before it answers: chat, bash, exec and python.'),
  UPSTREAM_SILENCE_SECONDS: integer({ min: 1, max: 3600, unit: 'seconds' })
    .default(120)
    .describe('How long an answer that has begun, such as a stream, may pause before it is cut off.'),
  UPSTREAM_CONNECTIONS: integer({ min: 1, max: 65_535, unit: 'connections' })
    .default(512)
    .describe('Requests to each of these at the same time, streams included. Beyond it: 503.'),
  ...tracingSettings,
  LOG_LEVEL: oneOf(LOG_LEVELS).default('info').describe('How much is logged.'),
});

export type GatewaySettings = z.output<typeof gatewaySettings>;
