import type { BetterAuthPlugin } from 'better-auth';
import { APIError, createAuthMiddleware } from 'better-auth/api';

/** The part of the context of better-auth that is needed here. */
interface ProviderContext {
  readonly socialProviders: readonly { readonly id: string; readonly issuer?: string | undefined }[];
}

/** The id of the OpenID Connect issuer in URLs and in the database. There is at most one. */
export const ISSUER_ID = 'oidc';

/**
 * The issuer's own name for itself if it differs from `url`. Undefined if they match, or it is not known yet. OpenID
 * Connect Discovery 1.0 section 4.3 requires a match, so that one issuer cannot impersonate another.
 */
export function mismatchedIssuer(url: string, { socialProviders }: ProviderContext): string | undefined {
  const issuer = socialProviders.find(({ id }) => id === ISSUER_ID)?.issuer;
  return issuer === url ? undefined : issuer;
}

/** Refuses sign-in if the issuer does not match. Needed after the start, too, in case the issuer was down then. */
export function rejectMismatchedIssuer(url: string): BetterAuthPlugin {
  return {
    id: 'issuer-mismatch',
    hooks: {
      before: [
        {
          matcher: ({ path }) => path === '/sign-in/social' || path === '/callback/:id',
          handler: createAuthMiddleware((ctx) => {
            if (mismatchedIssuer(url, ctx.context) === undefined) return Promise.resolve();
            ctx.context.logger.error('the issuer does not match OIDC_ISSUER');
            throw new APIError('NOT_FOUND', { code: 'ISSUER_MISMATCH' });
          }),
        },
      ],
    },
  };
}
