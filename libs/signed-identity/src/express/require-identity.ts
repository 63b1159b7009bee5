import { type RefusedRequest, type RefusedResponse, answerProblem } from '#libs/problems';
import { type Headers, checkIdentity } from '../check-identity.js';
import type { AudienceName } from '../contract.js';
import { type Identified, setIdentity } from '../identified.js';
import { IdentityVerifier, type PublicKeys } from '../identity-verifier.js';

export type RequireIdentityOptions = PublicKeys & {
  /** The group that this service belongs to: identities for other groups are refused. */
  readonly audience: AudienceName;
  /** Where it is said that the gateway's public keys cannot be fetched. Default: the console. */
  readonly log?: { warn(entry: object): void };
};

interface Request extends RefusedRequest, Identified {
  readonly headers: Headers;
}

/** Generic, so that the handlers behind it keep the types that Express finds for them. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the reason above
export type ExpressMiddleware = <Req extends Request, Res extends RefusedResponse>(
  req: Req,
  res: Res,
  next: () => void,
) => Promise<void>;

/**
 * Express middleware that refuses requests that do not come from the gateway, with problem details (RFC 9457).
 * `identityOf(req)` is the caller from then on.
 */
export function requireIdentity(options: RequireIdentityOptions): ExpressMiddleware {
  const { audience, log = console } = options;
  const verifier = new IdentityVerifier(options);
  return async (req, res, next) => {
    const check = await checkIdentity(req.headers, audience, verifier);
    if (check.outcome === 'refused') {
      answerProblem(check.problem, req, res, log);
      return;
    }
    setIdentity(req, check.identity);
    next();
  };
}
