import type { BetterAuthPlugin } from 'better-auth';
import { createAuthMiddleware } from 'better-auth/api';
import type { Pool } from 'pg';
import { z } from 'zod';
import type { AllowList } from './allow-list.js';
import { takeOverAddress } from './take-over-address.js';

/** A text of a provider's; what is none counts as missing, as GitHub's null does. */
const text = z.string().optional().catch(undefined);

/** What an issuer may call a person (OpenID Connect Core 1.0 section 5.1). */
const names = z.object({
  name: text,
  given_name: text,
  family_name: text,
  preferred_username: text,
  nickname: text,
});

/** The best name that a provider gives, else what stands before the @ of the address. */
function nameIn(claims: object, email: string): string {
  const { name, given_name: given, family_name: family, preferred_username, nickname } = names.parse(claims);
  const whole = `${given ?? ''} ${family ?? ''}`.trim();
  const best = [name, whole, preferred_username, nickname].find(
    (one) => one !== undefined && one.trim() !== '',
  );
  return best ?? email.split('@', 1)[0] ?? email;
}

/**
 * Reads more carefully what a provider says of a person who comes back from it: everybody gets a name, and an address
 * that the provider has verified is theirs from then on, whoever had it before. Runs after better-auth has checked what
 * the provider says, and before it looks for an account.
 */
export function readProviderProfile(pool: Pool, allowed: AllowList): BetterAuthPlugin {
  const read = new WeakSet<object>();
  return {
    id: 'provider-profile',
    hooks: {
      before: [
        {
          matcher: ({ path }) => path === '/callback/:id',
          handler: createAuthMiddleware((ctx) => {
            // Here rather than at the start: an issuer that was away then is there by now.
            for (const provider of ctx.context.socialProviders) {
              if (read.has(provider)) continue;
              read.add(provider);
              const getUserInfo = provider.getUserInfo.bind(provider);
              provider.getUserInfo = async (tokens) => {
                const found = await getUserInfo(tokens);
                const email = found?.user.email;
                if (!found || !email) return found;
                const { user, data } = found;
                // Some issuers write it as text.
                if (String(user.emailVerified) === 'true' && allowed.allows(email)) {
                  const subject = String(await provider.accountSubject({ tokens, profile: data }));
                  await takeOverAddress(pool, { provider: provider.id, subject, email });
                }
                return { ...found, user: { ...user, name: nameIn({ ...data, name: user.name }, email) } };
              };
            }
            return Promise.resolve();
          }),
        },
      ],
    },
  };
}
