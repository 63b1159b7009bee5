import type { BetterAuthOptions } from 'better-auth';
import type { EventOutbox } from '../audit/event-outbox.js';
import { readOriginHeaders } from './origin-headers.js';

type Hooks = NonNullable<BetterAuthOptions['databaseHooks']>;
type SessionCreated = NonNullable<NonNullable<NonNullable<Hooks['session']>['create']>['after']>;

const PROVIDER_TOKENS = { accessToken: null, refreshToken: null, idToken: null };

/** Providers' tokens are not stored: they are not needed once it is known who somebody is. */
export function dropProviderTokens(account: object): Promise<{ data: Record<string, unknown> }> {
  return Promise.resolve({ data: { ...account, ...PROVIDER_TOKENS } });
}

/** Records that somebody has signed in. Their former session ends, which the new one replaces. */
export function completeSignIn(outbox: EventOutbox): SessionCreated {
  return async (session, context) => {
    if (context?.headers === undefined) return;
    // The provider's name is in the path of its callback.
    const method = context.params?.id ?? 'password';
    await outbox.signedIn(session.userId, method, readOriginHeaders(context.headers));
    const { name } = context.context.authCookies.sessionToken;
    const former = await context.getSignedCookie(name, context.context.secret);
    if (typeof former === 'string' && former !== session.token) {
      await context.context.internalAdapter.deleteSession(former);
    }
  };
}
