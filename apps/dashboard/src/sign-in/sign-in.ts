import { type BetterAuthOptions, betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { PostgresDialect } from 'kysely';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { StartError } from '#libs/service';
import { SCHEMA, underLock } from '../database/open-database.js';
import type { SignInOptions } from './sign-in-options.js';
import { otherNameOf } from './issuer-name.js';
import { BASE_PATH } from './better-auth-url.js';
import { readProviderProfile } from './provider-profile.js';
import { betterAuthProviders } from './providers.js';
import { dropProviderTokens, endFormerSession } from './session-hooks.js';

/** Where a request says the address of who sends it: written by us, whatever it said before. */
export const CLIENT_ADDRESS = 'x-client-address';

/** The token by which Nest hands out {@link SignIn}. */
export const SIGN_IN = Symbol('sign-in');

/** How long a session lives, in seconds. */
export const LIFETIME = {
  /** Without being used. */
  idle: 24 * 3600,
  /** However much it is used. */
  absolute: 30 * 24 * 3600,
  /** How old the note of the last use may become before it is written anew. */
  noteEvery: 3600,
} as const;

/** How people may sign in, and what that is run by. */
export interface SignInParts extends SignInOptions {
  readonly pool: Pool;
  readonly secret: string;
  readonly attemptsPerMinute: number;
  readonly log: Logger;
}

/** better-auth as we use it: who people are, who says so, and their sessions. */
export type SignIn = ReturnType<typeof createSignIn>;

/** Sets up signing in, and the tables of it. Throws a {@link StartError} when the issuer is not who it should be. */
export async function setUpSignIn(options: SignInParts): Promise<SignIn> {
  await underLock(options.pool, async () => {
    const { runMigrations } = await getMigrations(betterAuthOptions(options));
    await runMigrations();
  });
  const signIn = createSignIn(options);
  await refuseOtherName(signIn, options.providers.issuer?.url);
  return signIn;
}

async function refuseOtherName(signIn: SignIn, url: string | undefined): Promise<void> {
  const name = url === undefined ? undefined : otherNameOf(url, await signIn.$context);
  if (name === undefined) return;
  throw new StartError(`The issuer at OIDC_ISSUER calls itself ${name}: set OIDC_ISSUER to exactly that.`);
}

function createSignIn(options: SignInParts) {
  return betterAuth(betterAuthOptions(options));
}

function betterAuthOptions(options: SignInParts) {
  const { pool, secret, origin, providers, password, allowed, attemptsPerMinute, log } = options;
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
      // A session at once would tell who has no account yet. Without one, signing up answers everybody alike.
      autoSignIn: false,
    },
    user: {
      // The id of the owner in the keys service, where that is not the user's own: see keys/key-owner.ts.
      additionalFields: { ownerId: { type: 'string', required: false, input: false } },
      validateUserInfo: ({ user, source }) => {
        if (source.method !== 'oauth') return undefined;
        if (user.emailVerified !== true) return { error: 'email_not_verified' };
        return allowed.allows(user.email ?? '') ? undefined : { error: 'not_allowed' };
      },
    },
    session: {
      expiresIn: LIFETIME.idle,
      updateAge: LIFETIME.noteEvery,
      // Each request asks the database, so that a session is over when it is over.
      cookieCache: { enabled: false },
    },
    account: {
      updateAccountOnSignIn: false,
      // Both sides must know that the address is the person's: the provider, and whoever they came from first.
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
      session: { create: { after: endFormerSession } },
    },
    advanced: {
      // No other host can set a cookie of this prefix, not even a subdomain (RFC 6265bis section 4.1.3.2). Browsers take
      // it by TLS alone. better-auth would write another prefix, so it is told of none.
      cookiePrefix: isHttps ? '__Host-dashboard' : 'dashboard',
      useSecureCookies: false,
      defaultCookieAttributes: { secure: isHttps },
      ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS] },
    },
    // What is no refusal is an exception here, too. Browsers that come back from a provider in vain see the page.
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
