import type { BetterAuthPlugin } from 'better-auth';
import { createAuthMiddleware } from 'better-auth/api';
import type { Pool } from 'pg';
import { z } from 'zod';
import type { AllowList } from './allow-list.js';
import { takeOverAddress } from './take-over-address.js';

/** Anything but a string counts as missing, such as GitHub's null. */
const text = z.string().optional().catch(undefined);

/** The claims with names (OpenID Connect Core 1.0 section 5.1). */
const names = z.object({
  name: text,
  given_name: text,
  family_name: text,
  preferred_username: text,
  nickname: text,
});

/** The best name from the provider, else the part of the address before the @. */
function nameIn(claims: object, email: string): string {
  const { name, given_name: given, family_name: family, preferred_username, nickname } = names.parse(claims);
  const whole = `${given ?? ''} ${family ?? ''}`.trim();
  const best = [name, whole, preferred_username, nickname].find(
    (one) => one !== undefined && one.trim() !== '',
  );
  return best ?? email.split('@', 1)[0] ?? email;
}

/**
 * Completes the profile from a provider: everybody gets a name, and an address that the provider has verified is taken
 * over from its former holder. Runs after better-auth has validated the response, and before it looks for an account.
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
            // Not at the start, when the issuer may have been down.
            for (const provider of ctx.context.socialProviders) {
              if (read.has(provider)) continue;
              read.add(provider);
              const getUserInfo = provider.getUserInfo.bind(provider);
              provider.getUserInfo = async (tokens) => {
                const found = await getUserInfo(tokens);
                const email = found?.user.email;
                if (!found || !email) return found;
                const { user, data } = found;
                // Some issuers send it as a string.
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
