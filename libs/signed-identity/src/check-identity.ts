import { retryAfter } from '#libs/problems';
import { type AudienceName, IDENTITY_HEADER } from './contract.js';
import { IdentityProblem, type IdentityReason } from './identity-problem.js';
import type { IdentityVerifier, SignedIdentity } from './identity-verifier.js';

/** The headers of a request, as Node, Express and Fastify have them. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The identity of a request's caller, or the problem (RFC 9457) to respond with, with its headers. */
export type IdentityCheck =
  | { readonly outcome: 'identified'; readonly identity: SignedIdentity }
  | { readonly outcome: 'refused'; readonly problem: IdentityProblem };

/** Checks that the gateway has signed who makes this request, for this audience. Never rejects. */
export async function checkIdentity(
  headers: Headers,
  audience: AudienceName,
  verifier: IdentityVerifier,
): Promise<IdentityCheck> {
  const token = headers[IDENTITY_HEADER];
  if (typeof token !== 'string' || token === '') return refused('credentials_missing', 'identity_missing');
  const verification = await verifier.verify(token, audience);
  switch (verification.outcome) {
    case 'verified':
      return { outcome: 'identified', identity: verification.identity };
    case 'refused':
      return refused('invalid_token', verification.reason);
    case 'unavailable':
      return unavailable(verification.cause);
    default:
      return verification satisfies never;
  }
}

/** RFC 9110 section 15.5.2 requires a challenge; the scheme is our own. */
const CHALLENGE = { 'www-authenticate': 'LeBureauIdentity' };

function refused(code: 'credentials_missing' | 'invalid_token', reason: IdentityReason): IdentityCheck {
  const detail = 'Call this service through the gateway, which signs the caller’s identity.';
  return { outcome: 'refused', problem: new IdentityProblem(code, detail, { headers: CHALLENGE, reason }) };
}

function unavailable(cause: unknown): IdentityCheck {
  const detail = 'The caller’s identity cannot be verified right now. Try again.';
  const options = { headers: retryAfter(1), reason: 'identity_keys_unavailable', cause } as const;
  return { outcome: 'refused', problem: new IdentityProblem('unavailable', detail, options) };
}
