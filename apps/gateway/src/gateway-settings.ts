import { z } from 'zod';
import { catalogueSetting } from '#libs/catalogue';
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
  serviceNames,
  someOf,
  text,
  url,
} from '#libs/settings';
import { tracingSettings } from '#libs/tracing';
import { SCANNERS } from './secret-scanning/provide-secret-scanning.js';
import { UPSTREAM_NAMES, type UpstreamName } from './upstream-routes.js';

/** The name of the setting that says where a service behind the gateway is. */
export type UpstreamSetting = `UPSTREAM_${Uppercase<UpstreamName>}_URL`;

export function upstreamSetting(name: UpstreamName): UpstreamSetting {
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- String.toUpperCase has a wider type
  return `UPSTREAM_${name.toUpperCase() as Uppercase<UpstreamName>}_URL`;
}

function upstreamSettings() {
  const settings = UPSTREAM_NAMES.map((name) => {
    const what = `URL of the service behind \`/v1/${name}\`. Without it, its routes answer 503.`;
    return [
      upstreamSetting(name),
      url(['http:', 'https:'], 'http://desktops:8080').optional().describe(what),
    ];
  });
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- Object.fromEntries forgets the names
  return Object.fromEntries(settings) as Record<UpstreamSetting, z.ZodOptional<z.ZodString>>;
}

/** The settings of the gateway. Names are environment variables; `NAME_FILE` names a file with the value. */
export const gatewaySettings = z.object({
  GATEWAY_HOST: host().default('0.0.0.0').describe('Address to listen on.'),
  GATEWAY_PORT: port().default(3000).describe('Port of the public API (HTTP).'),
  GATEWAY_CONNECTIONS: integer({ min: 1, max: 65_535, unit: 'connections' })
    .default(4096)
    .describe(
      'Maximum number of client connections, streams included. At the limit, idle connections are closed and new ones refused.',
    ),
  CLIENT_HEADERS_SECONDS: integer({ min: 1, max: 3600, unit: 'seconds' })
    .default(10)
    .describe('Maximum time for a client to send the headers of a request. Beyond it: 408.'),
  CLIENT_BODY_SECONDS: integer({ min: 1, max: 3600, unit: 'seconds' })
    .default(30)
    .describe('Maximum time to send the body, once the key is accepted. Beyond it: 408.'),
  CLIENT_READ_SECONDS: integer({ min: 1, max: 3600, unit: 'seconds' })
    .default(30)
    .describe(
      'Maximum time in which a client reads nothing of its response. It is cut off after at most twice that.',
    ),
  CLIENT_IDLE_SECONDS: integer({ min: 1, max: 3600, unit: 'seconds' })
    .default(72)
    .describe('How long an idle connection is kept. Set it longer than the load balancer does.'),
  GATEWAY_INTERNAL_HOST: host().default('127.0.0.1').describe('Address of the internal port.'),
  GATEWAY_INTERNAL_PORT: port()
    .optional()
    .describe(
      'Port of `/metrics` (Prometheus), `/.well-known/jwks.json` and `/authorize`, which need no credential: keep it internal. Default: closed.',
    ),
  FORWARD_AUTH_AUDIENCES: serviceNames()
    .optional()
    .describe(
      'Comma-separated names of services behind other proxies: turns on `/authorize` on the internal port, which signs identities for these audiences only ([forward auth](forward-auth.md)). The first is the default. Default: off.',
    ),
  DRAIN_SECONDS: drainSeconds(),
  KEYS_VERIFY_URL: endpoints(['tcp:', 'tls:'], 'tcp://keys:3002').describe(
    'URL of the verification RPC of keys. A name that resolves to several addresses means several replicas.',
  ),
  KEYS_VERIFY_TOKEN: secrets().describe('Token for the verification RPC; of several, the first is sent.'),
  KEYS_TLS_CA: authorities()
    .optional()
    .describe('Certificates (PEM) to trust for `tls://`, instead of the system’s.'),
  REDIS_URL: redisUrl().describe(
    'URL of Redis or its sentinels. It carries revocations and counts requests.',
  ),
  REDIS_PASSWORD: secretText('must be the password of Redis')
    .optional()
    .describe('Overrides the password in `REDIS_URL`.'),
  REDIS_SENTINEL_PASSWORD: sentinelPassword(),
  REDIS_TLS_CA: redisAuthorities(),
  REDIS_PREFIX: redisPrefix(),
  KEY_PREFIX: text(
    'must look like sk_live: small letters, digits and single underscores, at most 20',
    KEY_PREFIX_SHAPE,
    KEY_PREFIX_MAX_LENGTH,
  )
    .default('sk_live')
    .describe('Prefix of keys. The same as for the keys service.'),
  CATALOGUE: catalogueSetting().describe(
    'Title, tags and groups of the API, as YAML, by `CATALOGUE_FILE`. The same for keys and gateways.',
  ),
  KEY_TAG_SECRET: secrets().describe('Tells our keys from forged ones. The same as for the keys service.'),
  IDENTITY_SECRET: secrets().describe(
    'Signs the caller’s identity for the services behind the gateway. The first signs; the public keys of all are published. The same for all gateways.',
  ),
  PRINCIPAL_CACHE_SIZE: integer({ min: 1, max: 10_000_000, unit: 'keys' })
    .default(100_000)
    .describe('Maximum number of cached keys, each for up to 10 seconds.'),
  RATE_LIMIT_PER_MINUTE: integer({ min: 1, max: 1_000_000, unit: 'requests' })
    .default(60)
    .describe('Requests per minute of a key without a limit of its own, over all gateways.'),
  OWNER_RATE_LIMIT_PER_MINUTE: integer({ min: 1, max: 1_000_000, unit: 'requests' })
    .optional()
    .describe('Requests per minute of all keys of one owner together, over all gateways. Default: no limit.'),
  CONCURRENT_REQUESTS_PER_KEY: integer({ min: 1, max: 65_535, unit: 'requests' })
    .default(64)
    .describe('Maximum open requests per key at each gateway, streams included. Beyond it: 429.'),
  CONCURRENT_REQUESTS_PER_OWNER: integer({ min: 1, max: 65_535, unit: 'requests' })
    .optional()
    .describe(
      'Maximum open requests of all keys of one owner together at each gateway. Keep it below `UPSTREAM_CONNECTIONS`, which all owners share. Default: four times `CONCURRENT_REQUESTS_PER_KEY`.',
    ),
  FAILED_AUTHENTICATIONS_PER_MINUTE: integer({ min: 1, max: 1_000_000, unit: 'failures' })
    .default(10)
    .describe(
      'Refused keys per minute from one address. Beyond it, a gateway only accepts keys from there that it has already found valid.',
    ),
  TRUSTED_PROXIES: networks()
    .optional()
    .describe(
      'Comma-separated addresses and networks of the proxies in front. The client address is taken from their `X-Forwarded-For`.',
    ),
  CORS_ORIGINS: origins()
    .optional()
    .describe(
      'Comma-separated origins of web pages whose scripts may call the API. A key in a page is visible to everybody who opens it.',
    ),
  REFUSE_PLAIN_HTTP: oneOf(['off', 'on'])
    .default('off')
    .describe(
      'With `on`, a request that reached a proxy of `TRUSTED_PROXIES` in the clear (`X-Forwarded-Proto: http`) is refused with 403 and its key treated as exposed, and other responses have `Strict-Transport-Security` ([leaked keys](#leaked-keys)).',
    ),
  SECRET_SCANNING: someOf(SCANNERS)
    .optional()
    .describe(
      'Comma-separated secret scanners that may report keys at `/reports/<scanner>`: `github`, `gitlab` (both signed) and `trufflehog` ([leaked keys](#leaked-keys)). Default: none.',
    ),
  GITHUB_KEYS_URL: url(['https:', 'http:'], 'https://api.github.com/meta/public_keys/secret_scanning')
    .default('https://api.github.com/meta/public_keys/secret_scanning')
    .describe('Where GitHub publishes the keys that it signs reports with.'),
  GITLAB_KEYS_URL: url(['https:', 'http:'], 'https://gitlab.example.com/public_keys')
    .optional()
    .describe('Where GitLab does. It tells partners the URL; `SECRET_SCANNING` with `gitlab` needs it.'),
  GITLAB_REVOCATION_TOKEN: secrets()
    .optional()
    .describe(
      'Comma-separated tokens, each accepted: turns on `/v1/revocable_token_types` and `/v1/revoke_tokens` for a GitLab that is self-managed ([leaked keys](#leaked-keys)). Default: off.',
    ),
  LAST_USED_EVERY_SECONDS: integer({ min: 1, max: 20, unit: 'seconds' })
    .default(20)
    .describe(
      'How often the gateway reports uses and activity to keys, in seconds. `lastUsedAt` is at most 60 seconds late.',
    ),
  ...upstreamSettings(),
  UPSTREAM_CONNECT_SECONDS: integer({ min: 1, max: 60, unit: 'seconds' })
    .default(3)
    .describe('Maximum time to connect to one of these.'),
  UPSTREAM_ANSWER_SECONDS: integer({ min: 1, max: 3600, unit: 'seconds' })
    .default(30)
    .describe('Maximum time until its response starts.'),
  UPSTREAM_WORK_SECONDS: integer({ min: 1, max: 3600, unit: 'seconds' })
    .default(660)
    .describe('The same for chat, bash, exec and python, which work before they respond.'),
  UPSTREAM_SILENCE_SECONDS: integer({ min: 1, max: 3600, unit: 'seconds' })
    .default(120)
    .describe('Maximum pause within a response, such as a stream, before it is cut off.'),
  UPSTREAM_CONNECTIONS: integer({ min: 1, max: 65_535, unit: 'connections' })
    .default(512)
    .describe('Maximum open requests to each of these, streams included. Beyond it: 503.'),
  ...tracingSettings,
  LOG_LEVEL: oneOf(LOG_LEVELS).default('info').describe('Minimum level of log messages.'),
});

export type GatewaySettings = z.output<typeof gatewaySettings>;
