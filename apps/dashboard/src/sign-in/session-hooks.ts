import type { BetterAuthOptions } from 'better-auth';

type Hooks = NonNullable<BetterAuthOptions['databaseHooks']>;
type SessionCreated = NonNullable<NonNullable<NonNullable<Hooks['session']>['create']>['after']>;

/** What a provider lets its clients do on a person's behalf. */
const PROVIDER_TOKENS = { accessToken: null, refreshToken: null, idToken: null };

/** We ask a provider who somebody is, once, and keep nothing that would let us ask again. */
export function dropProviderTokens(account: object): Promise<{ data: Record<string, unknown> }> {
  return Promise.resolve({ data: { ...account, ...PROVIDER_TOKENS } });
}

/** Who signs in again gets another session, and the one of before ends with it. */
export const endFormerSession: SessionCreated = async (session, context) => {
  if (context?.headers === undefined) return;
  const { name } = context.context.authCookies.sessionToken;
  const former = await context.getSignedCookie(name, context.context.secret);
  if (typeof former === 'string' && former !== session.token) {
    await context.context.internalAdapter.deleteSession(former);
  }
};
