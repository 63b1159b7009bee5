import type { BetterAuthPlugin } from 'better-auth';
import { APIError, createAuthMiddleware } from 'better-auth/api';

/** Those who may say who a person is, as better-auth knows them. */
interface Known {
  readonly socialProviders: readonly { readonly id: string; readonly issuer?: string | undefined }[];
}

/** The id of the OpenID Connect issuer, in addresses and in the database. There is one at most. */
export const ISSUER_ID = 'oidc';

/**
 * What the issuer calls itself where that is not `url`; undefined when it is, or is not known yet. OpenID Connect
 * Discovery 1.0 section 4.3 wants both the same: else one issuer could speak for another.
 */
export function otherNameOf(url: string, { socialProviders }: Known): string | undefined {
  const issuer = socialProviders.find(({ id }) => id === ISSUER_ID)?.issuer;
  return issuer === url ? undefined : issuer;
}

/** Signs nobody in at an issuer by another name: it may have been away at the start, and is looked up once it is back. */
export function issuerByItsName(url: string): BetterAuthPlugin {
  return {
    id: 'issuer-by-its-name',
    hooks: {
      before: [
        {
          matcher: ({ path }) => path === '/sign-in/social' || path === '/callback/:id',
          handler: createAuthMiddleware((ctx) => {
            if (otherNameOf(url, ctx.context) === undefined) return Promise.resolve();
            ctx.context.logger.error('the issuer calls itself otherwise than OIDC_ISSUER');
            throw new APIError('NOT_FOUND', { code: 'ISSUER_MISMATCH' });
          }),
        },
      ],
    },
  };
}
