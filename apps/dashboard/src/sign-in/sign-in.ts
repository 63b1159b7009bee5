import { type BetterAuthOptions, betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { PostgresDialect } from 'kysely';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { StartError } from '#libs/service';
import type { SignInError } from '../contract.js';
import { SCHEMA, underLock } from '../database/open-database.js';
import type { EventOutbox } from '../audit/event-outbox.js';
import type { SignInOptions } from './sign-in-options.js';
import { mismatchedIssuer } from './issuer-mismatch.js';
import { BASE_PATH } from './better-auth-url.js';
import { readProviderProfile } from './provider-profile.js';
import { betterAuthProviders } from './providers.js';
import { CLIENT_ADDRESS_HEADER } from './origin-headers.js';
import { completeSignIn, dropProviderTokens } from './session-hooks.js';

/** The token by which Nest hands out {@link SignIn}. */
export const SIGN_IN = Symbol('sign-in');

/** How long sessions last. */
export const SESSION_SECONDS = {
  /** Without being used. */
  idle: 24 * 3600,
  /** However much it is used. */
  absolute: 30 * 24 * 3600,
  /** Use extends a session at most this often. */
  refreshAfter: 3600,
} as const;

export interface SignInDependencies extends SignInOptions {
  readonly pool: Pool;
  readonly outbox: EventOutbox;
  readonly secret: string;
  readonly attemptsPerMinute: number;
  readonly log: Logger;
}

/** better-auth, as configured here. */
export type SignIn = ReturnType<typeof createSignIn>;

/** Configures better-auth and creates its tables. Throws a {@link StartError} if the issuer does not match. */
export async function setUpSignIn(options: SignInDependencies): Promise<SignIn> {
  await underLock(options.pool, async () => {
    const { runMigrations } = await getMigrations(betterAuthOptions(options));
    await runMigrations();
    await options.outbox.createTables();
  });
  const signIn = createSignIn(options);
  await requireMatchingIssuer(signIn, options.providers.issuer?.url);
  return signIn;
}

async function requireMatchingIssuer(signIn: SignIn, url: string | undefined): Promise<void> {
  const name = url === undefined ? undefined : mismatchedIssuer(url, await signIn.$context);
  if (name === undefined) return;
  throw new StartError(`The issuer at OIDC_ISSUER calls itself ${name}. Set OIDC_ISSUER to exactly that.`);
}

function createSignIn(options: SignInDependencies) {
  return betterAuth(betterAuthOptions(options));
}

function betterAuthOptions(options: SignInDependencies) {
  const { pool, outbox, secret, origin, providers, password, allowed, attemptsPerMinute, log } = options;
  const { socialProviders, plugins } = betterAuthProviders(providers);
  const isHttps = origin.startsWith('https:');
  const attempts = { window: 60, max: attemptsPerMinute };
  return {
    socialProviders,
    plugins: [...(plugins ?? []), readProviderProfile(pool, allowed)],
    appName: 'Dashboard',
    baseURL: origin,
    basePath: BASE_PATH,
    trustedOrigins: [origin],
    secret,
    database: {
      dialect: new PostgresDialect({ pool }),
      type: 'postgres',
      schemaName: SCHEMA,
      transaction: true,
    },
    emailAndPassword: {
      enabled: password,
      // A session at once would reveal that there was no account before.
      autoSignIn: false,
    },
    user: {
      // The id of the owner in the keys service, if it is not the user's own: see keys/claim-owner.ts.
      additionalFields: { ownerId: { type: 'string', required: false, input: false } },
      validateUserInfo: ({ user, source }) => {
        if (source.method !== 'oauth') return undefined;
        if (user.emailVerified !== true) return { error: 'email_not_verified' satisfies SignInError };
        return allowed.allows(user.email ?? '') ? undefined : { error: 'not_allowed' satisfies SignInError };
      },
    },
    session: {
      expiresIn: SESSION_SECONDS.idle,
      updateAge: SESSION_SECONDS.refreshAfter,
      // Every request reads the session from the database, so that an ended one is refused at once.
      cookieCache: { enabled: false },
    },
    account: {
      updateAccountOnSignIn: false,
      // Accounts are linked only if both providers have verified the address.
      accountLinking: { enabled: true, trustedProviders: [] },
    },
    rateLimit: {
      enabled: true,
      storage: 'database',
      window: 60,
      max: 100,
      customRules: { '/sign-in/*': attempts, '/sign-up/*': attempts, '/callback/*': attempts },
    },
    databaseHooks: {
      account: { create: { before: dropProviderTokens }, update: { before: dropProviderTokens } },
      session: { create: { after: completeSignIn(outbox) } },
    },
    advanced: {
      // Other hosts, subdomains included, cannot set cookies with the prefix __Host- (RFC 6265bis section 4.1.3.2). Browsers
      // accept it only over TLS. useSecureCookies is off, since it would add a different prefix.
      cookiePrefix: isHttps ? '__Host-dashboard' : 'dashboard',
      useSecureCookies: false,
      defaultCookieAttributes: { secure: isHttps },
      ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS_HEADER] },
    },
    // Unexpected errors are thrown. Failed sign-ins at a provider lead to the page.
    onAPIError: { throw: true, errorURL: `${origin}/sign-in` },
    telemetry: { enabled: false },
    logger: {
      level: 'warn',
      log: (level, message, ...details: unknown[]) => {
        const err = details.find((detail) => detail instanceof Error);
        log[level]({ ...(err !== undefined && { err }) }, message);
      },
    },
  } satisfies BetterAuthOptions;
}
