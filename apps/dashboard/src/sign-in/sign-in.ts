import { type BetterAuthOptions, betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { PostgresDialect } from 'kysely';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { StartError } from '#libs/service';
import { SCHEMA, underLock } from '../database/open-database.js';
import type { WaysIn } from './ways-in.js';
import { otherNameOf } from './issuer-name.js';
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

export interface SignInOptions extends WaysIn {
  readonly pool: Pool;
  readonly secret: string;
  readonly attemptsPerMinute: number;
  readonly log: Logger;
}

/** better-auth as we use it: who people are, who says so, and their sessions. */
export type SignIn = ReturnType<typeof createSignIn>;

/** Sets up signing in, and the tables of it. Throws a {@link StartError} when the issuer is not who it should be. */
export async function setUpSignIn(options: SignInOptions): Promise<SignIn> {
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

function createSignIn(options: SignInOptions) {
  return betterAuth(betterAuthOptions(options));
}

function betterAuthOptions(options: SignInOptions) {
  const { pool, secret, origin, providers, password, attemptsPerMinute, log } = options;
  const attempts = { window: 60, max: attemptsPerMinute };
  return {
    ...betterAuthProviders(providers),
    appName: 'Dashboard',
    baseURL: origin,
    basePath: '/api/auth',
    trustedOrigins: [origin],
    secret,
    database: {
      dialect: new PostgresDialect({ pool }),
      type: 'postgres',
      schemaName: SCHEMA,
      transaction: true,
    },
    emailAndPassword: { enabled: password },
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
      cookiePrefix: 'dashboard',
      useSecureCookies: origin.startsWith('https:'),
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
