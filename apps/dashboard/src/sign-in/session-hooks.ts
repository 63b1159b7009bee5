import type { BetterAuthOptions } from 'better-auth';

type Hooks = NonNullable<BetterAuthOptions['databaseHooks']>;
type SessionCreated = NonNullable<NonNullable<NonNullable<Hooks['session']>['create']>['after']>;

const PROVIDER_TOKENS = { accessToken: null, refreshToken: null, idToken: null };

/** Providers' tokens are not stored: they are not needed once it is known who somebody is. */
export function dropProviderTokens(account: object): Promise<{ data: Record<string, unknown> }> {
  return Promise.resolve({ data: { ...account, ...PROVIDER_TOKENS } });
}

/** Signing in again replaces the former session. */
export const endFormerSession: SessionCreated = async (session, context) => {
  if (context?.headers === undefined) return;
  const { name } = context.context.authCookies.sessionToken;
  const former = await context.getSignedCookie(name, context.context.secret);
  if (typeof former === 'string' && former !== session.token) {
    await context.context.internalAdapter.deleteSession(former);
  }
};
