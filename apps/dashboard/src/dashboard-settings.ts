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
  secrets,
  text,
  url,
} from '#libs/settings';
import { tracingSettings } from '#libs/tracing';

/** What one of the identity providers calls us, or the secret that goes with it. */
function credential(what: string) {
  return text(`must be the ${what} that the provider has given you`).optional();
}

/** Everything the dashboard can be told. Names are environment variables; `NAME_FILE` names a file with the value. */
export const dashboardSettings = z.object({
  DASHBOARD_HOST: host().default('0.0.0.0').describe('Address on which it listens.'),
  DASHBOARD_PORT: port().default(3003).describe('Port of the page and of what it calls (HTTP).'),
  DASHBOARD_INTERNAL_HOST: host()
    .default('127.0.0.1')
    .describe('Address on which operators may look inside.'),
  DASHBOARD_INTERNAL_PORT: port()
    .optional()
    .describe(
      'Port of `/metrics` (Prometheus), which needs no credential: keep it inside. Not opened unless set.',
    ),
  DRAIN_SECONDS: drainSeconds(),
  DASHBOARD_URL: url(['http:', 'https:'], 'https://dashboard.example.com')
    .optional()
    .describe(
      'Where people open it. `https:` but on localhost; outside production it is `http://localhost`, or `DASHBOARD_HOST`, with the port, unless set.',
    ),
  DASHBOARD_SECRET: secret().describe(
    'Signs the cookies of sessions; the same at all replicas. With another one, everybody signs in again.',
  ),
  DASHBOARD_DATABASE_URL: postgresUrl().describe(
    'PostgreSQL, where people and their sessions are stored, in a schema of their own: `dashboard`.',
  ),
  DASHBOARD_DATABASE_PASSWORD: text('must be the password of the database user')
    .optional()
    .describe('Instead of the one in `DASHBOARD_DATABASE_URL`.'),
  DASHBOARD_DATABASE_TLS_CA: postgresAuthorities(),
  KEYS_MANAGE_URL: baseUrl(['http:', 'https:'], 'http://keys:3001').describe('The management API of keys.'),
  KEYS_TLS_CA: authorities()
    .optional()
    .describe('Certificates to trust for `KEYS_MANAGE_URL`, PEM, instead of the system’s.'),
  KEYS_MANAGE_TOKEN: secrets().describe('Credential of the management API; the first is sent.'),
  GATEWAY_URL: baseUrl(['http:', 'https:'], 'http://gateway:3000').describe(
    'The gateway, as the dashboard reaches it, to try keys on.',
  ),
  PUBLIC_GATEWAY_URL: baseUrl(['http:', 'https:'], 'https://api.example.com')
    .optional()
    .describe('The gateway, as people reach it: shown to them. `GATEWAY_URL`, unless set.'),
  KEY_PREFIX: text(
    'must look like sk_live: small letters, digits and single underscores, at most 20',
    KEY_PREFIX_SHAPE,
    KEY_PREFIX_MAX_LENGTH,
  )
    .default('sk_live')
    .describe('How keys begin; the same as at keys.'),
  GOOGLE_CLIENT_ID: credential('client id').describe('Lets people sign in with Google, with its secret.'),
  GOOGLE_CLIENT_SECRET: credential('client secret').describe('The secret that goes with it.'),
  GITHUB_CLIENT_ID: credential('client id').describe('Lets people sign in with GitHub, with its secret.'),
  GITHUB_CLIENT_SECRET: credential('client secret').describe('The secret that goes with it.'),
  OIDC_ISSUER: url(['http:', 'https:'], 'https://login.example.com')
    .optional()
    .describe(
      'Lets people sign in at an OpenID Connect issuer, exactly as it calls itself, with the next two. `https:` but on localhost.',
    ),
  OIDC_CLIENT_ID: credential('client id').describe('What it calls the dashboard.'),
  OIDC_CLIENT_SECRET: credential('client secret').describe('The secret that goes with it.'),
  OIDC_NAME: text('must be one line of at most 40 characters', /^[^\p{C}]{1,40}$/u)
    .default('Single sign-on')
    .describe('What its button says.'),
  SIGN_IN_ALLOWED: emailsAndDomains()
    .optional()
    .describe(
      'Who may sign in: addresses such as `ada@example.com` and domains such as `@example.com`, with commas between them. Everybody whom a provider knows, unless set.',
    ),
  SIGN_INS_PER_MINUTE: integer({ min: 1, max: 1_000_000, unit: 'attempts' })
    .default(10)
    .describe(
      'Attempts to sign in or up a minute, from one client address and, with a password, on one account, over all replicas.',
    ),
  TRUSTED_PROXIES: networks()
    .optional()
    .describe(
      'Addresses and networks of the proxies in front, with commas between them: the client is who they say in `X-Forwarded-For`.',
    ),
  NODE_ENV: text('must be a word such as production', /^[a-z]{1,20}$/)
    .optional()
    .describe('With `production`, people sign in with a provider only, and `DASHBOARD_URL` is needed.'),
  ...tracingSettings,
  LOG_LEVEL: oneOf(LOG_LEVELS).default('info').describe('How much is logged.'),
});

export type DashboardSettings = z.output<typeof dashboardSettings>;

/** What of it must never be logged. */
export function dashboardSecrets(settings: DashboardSettings): string[] {
  return [
    settings.DASHBOARD_SECRET,
    settings.DASHBOARD_DATABASE_PASSWORD ?? '',
    ...settings.KEYS_MANAGE_TOKEN,
    settings.GOOGLE_CLIENT_SECRET ?? '',
    settings.GITHUB_CLIENT_SECRET ?? '',
    settings.OIDC_CLIENT_SECRET ?? '',
  ];
}
