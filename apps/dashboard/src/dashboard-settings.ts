import { z } from 'zod';
import { KEY_PREFIX_MAX_LENGTH, KEY_PREFIX_SHAPE } from '#libs/key-format';
import { postgresAuthorities, postgresUrl } from '#libs/postgres';
import { LOG_LEVELS, drainSeconds } from '#libs/service';
import {
  authorities,
  baseUrl,
  emailsAndDomains,
  host,
  integer,
  networks,
  oneOf,
  port,
  secret,
  secretText,
  secrets,
  text,
  url,
} from '#libs/settings';
import { tracingSettings } from '#libs/tracing';

/** The client id of this dashboard at an identity provider. */
function clientId() {
  return text('must be the client id from the provider').optional();
}

/** The secret that belongs to a {@link clientId}. */
function clientSecret() {
  return secretText('must be the client secret from the provider').optional();
}

/** All settings of the dashboard. Names are environment variables; `NAME_FILE` names a file with the value. */
export const dashboardSettings = z.object({
  DASHBOARD_HOST: host().default('0.0.0.0').describe('Address to listen on.'),
  DASHBOARD_PORT: port().default(3003).describe('Port of the page and its API (HTTP).'),
  DASHBOARD_INTERNAL_HOST: host().default('127.0.0.1').describe('Address of the internal port.'),
  DASHBOARD_INTERNAL_PORT: port()
    .optional()
    .describe(
      'Port of `/metrics` (Prometheus), which needs no credential: keep it internal. Default: closed.',
    ),
  DRAIN_SECONDS: drainSeconds(),
  DASHBOARD_URL: url(['http:', 'https:'], 'https://dashboard.example.com')
    .optional()
    .describe(
      'URL at which people open the dashboard. Must be `https:` unless on localhost. Default outside production: `http://localhost`, or `DASHBOARD_HOST`, with the port.',
    ),
  DASHBOARD_SECRET: secret().describe(
    'Signs session cookies. The same on all replicas. Changing it signs everybody out.',
  ),
  DASHBOARD_DATABASE_URL: postgresUrl().describe(
    'PostgreSQL database for users and sessions, in the schema `dashboard`.',
  ),
  DASHBOARD_DATABASE_PASSWORD: secretText('must be the password of the database user')
    .optional()
    .describe('Overrides the password in `DASHBOARD_DATABASE_URL`.'),
  DASHBOARD_DATABASE_TLS_CA: postgresAuthorities(),
  KEYS_MANAGE_URL: baseUrl(['http:', 'https:'], 'http://keys:3001').describe(
    'URL of the management API of keys.',
  ),
  KEYS_TLS_CA: authorities()
    .optional()
    .describe('Certificates (PEM) to trust for `KEYS_MANAGE_URL`, instead of the system’s.'),
  KEYS_MANAGE_TOKEN: secrets().describe('Token for the management API; of several, the first is sent.'),
  GATEWAY_URL: baseUrl(['http:', 'https:'], 'http://gateway:3000').describe(
    'URL of the gateway for the dashboard itself, to test keys.',
  ),
  PUBLIC_GATEWAY_URL: baseUrl(['http:', 'https:'], 'https://api.example.com')
    .optional()
    .describe('URL of the gateway for people, shown on the page. Default: `GATEWAY_URL`.'),
  KEY_PREFIX: text(
    'must look like sk_live: at most 20 lowercase letters, digits and single underscores',
    KEY_PREFIX_SHAPE,
    KEY_PREFIX_MAX_LENGTH,
  )
    .default('sk_live')
    .describe('Prefix of keys. The same as for the keys service.'),
  GOOGLE_CLIENT_ID: clientId().describe('Enables sign-in with Google, together with its secret.'),
  GOOGLE_CLIENT_SECRET: clientSecret().describe('Secret of that client.'),
  GITHUB_CLIENT_ID: clientId().describe('Enables sign-in with GitHub, together with its secret.'),
  GITHUB_CLIENT_SECRET: clientSecret().describe('Secret of that client.'),
  OIDC_ISSUER: url(['http:', 'https:'], 'https://login.example.com')
    .optional()
    .describe(
      'Enables sign-in with an OpenID Connect issuer, together with the next two: its `issuer` value, exactly. Must be `https:` unless on localhost.',
    ),
  OIDC_CLIENT_ID: clientId().describe('Client id of the dashboard at the issuer.'),
  OIDC_CLIENT_SECRET: clientSecret().describe('Secret of that client.'),
  OIDC_NAME: text('must be one line of at most 40 characters', /^[^\p{C}]{1,40}$/u)
    .default('Single sign-on')
    .describe('Name of the issuer on its button: “Continue with …”.'),
  SIGN_IN_ALLOWED: emailsAndDomains()
    .optional()
    .describe(
      'Who may sign in: comma-separated addresses such as `ada@example.com` and domains such as `@example.com`. Default: everybody with an account at a provider.',
    ),
  SIGN_INS_PER_MINUTE: integer({ min: 1, max: 1_000_000, unit: 'attempts' })
    .default(10)
    .describe(
      'Maximum sign-in and sign-up attempts per minute from one client address and, with a password, for one account. Counted across all replicas.',
    ),
  TRUSTED_PROXIES: networks()
    .optional()
    .describe(
      'Comma-separated addresses and networks of the proxies in front. The client address is taken from their `X-Forwarded-For`.',
    ),
  NODE_ENV: text('must be a word such as production', /^[a-z]{1,20}$/)
    .optional()
    .describe('With `production`, sign-in needs a provider, and `DASHBOARD_URL` is required.'),
  ...tracingSettings,
  LOG_LEVEL: oneOf(LOG_LEVELS).default('info').describe('Minimum level of log messages.'),
});

export type DashboardSettings = z.output<typeof dashboardSettings>;
