import type { ServerResponse } from 'node:http';
import { clientAddress } from '#libs/client-address';
import type { ProblemException, RefusedRequest, RefusedResponse } from '#libs/problems';
import { type RateLimitResult, WINDOW_SECONDS } from '#libs/rate-limits';
import type { Authenticated, Authentication } from './authentication.js';
import type { Authenticator } from './authenticator.js';
import { type Called, setCaller } from './caller.js';
import type { Challenges } from './challenges.js';
import { type CredentialCarrier, type Credentials, readCredentials } from './credentials.js';
import type { DeclaredRoute } from './declared-routes.js';
import type { Sender } from './failed-authentications.js';
import type { KeyActivity } from './key-activity.js';
import type { KnownKeys } from './known-keys.js';
import type { OpenResponses } from './open-responses.js';
import { closeWithConnection } from './pipelined-response.js';
import type { RequestLimits } from './request-limits.js';
import { type RoutedRequest, calledRouteName } from './route-name.js';

/** A request, as far as Express and Fastify agree. */
export interface GuardedRequest extends CredentialCarrier, Sender, Called, RoutedRequest, RefusedRequest {
  keyId?: string;
}

/** Its answer: Fastify's has Node's own within, Express' is one. */
export type GuardedResponse = (ServerResponse | { readonly raw: ServerResponse }) & RefusedResponse;

/** Why a request is refused, or undefined when it may go on: then its caller is known. */
export type Refused = ProblemException | undefined;

/** A request on its way through. */
interface PendingRequest {
  readonly route: DeclaredRoute;
  readonly req: GuardedRequest;
  readonly res: GuardedResponse;
  readonly token: string;
  /** The epoch of revocations before the key was authenticated; see {@link OpenResponses}. */
  readonly epoch: number;
}

/**
 * Whether a request may go on, stopping at the first refusal: whether its sender is listened to at all, its key, how
 * many requests that has left, its capabilities, and how many requests it has open. Only a key that was authenticated
 * is counted, so a forged one never uses up a real one's.
 */
export class Admission {
  readonly #authenticator: Authenticator;
  readonly #knownKeys: KnownKeys;
  readonly #open: OpenResponses;
  readonly #limits: RequestLimits;
  readonly #activity: KeyActivity;
  readonly #challenges: Challenges;
  readonly #keyPrefix: string;

  constructor(parts: {
    authenticator: Authenticator;
    knownKeys: KnownKeys;
    open: OpenResponses;
    limits: RequestLimits;
    activity: KeyActivity;
    challenges: Challenges;
    keyPrefix: string;
  }) {
    this.#authenticator = parts.authenticator;
    this.#knownKeys = parts.knownKeys;
    this.#open = parts.open;
    this.#limits = parts.limits;
    this.#activity = parts.activity;
    this.#challenges = parts.challenges;
    this.#keyPrefix = parts.keyPrefix;
  }

  /** Answers at once where nobody need be asked, as the authenticator does. */
  admit(route: DeclaredRoute, req: GuardedRequest, res: GuardedResponse): Refused | Promise<Refused> {
    const shutSeconds = this.#limits.retryAfterSeconds(req);
    const credentials = readCredentials(req, this.#keyPrefix);
    if (shutSeconds !== undefined && !this.#isFromKnownKey(credentials))
      return this.#challenges.blocked(shutSeconds);
    if (credentials.outcome === 'malformed') return this.#challenges.malformed(credentials.detail);
    if (credentials.outcome !== 'bearer') return this.#challenges.missing();

    const { token } = credentials;
    const pending = { route, req, res, token, epoch: this.#open.revocationEpoch };
    const found = this.#authenticator.authenticate(token);
    return 'then' in found
      ? found.then((authentication) => {
          // Once for each question to keys, not for each request.
          if (authentication.outcome === 'authenticated')
            this.#knownKeys.add(authentication.principal.keyId, token);
          return this.#checkLimit(pending, authentication);
        })
      : this.#checkLimit(pending, found);
  }

  /**
   * Whether a request that was let in may still go on after its body was read. The body may have arrived after a
   * revocation has returned; then the key is refused, as it would be with any other request. It is counted as one request
   * all the same.
   */
  readmit(req: GuardedRequest): Refused | Promise<Refused> {
    const credentials = readCredentials(req, this.#keyPrefix);
    if (credentials.outcome !== 'bearer') throw new TypeError('it was let in by its key');
    const again = (authentication: Authentication): Refused => {
      // What becomes of it is noted when its answer is over.
      if (authentication.outcome !== 'authenticated') return this.#challenges.refused(authentication);
      setCaller(req, authentication.principal);
      return undefined;
    };
    const { token } = credentials;
    const found = this.#authenticator.cached(token) ?? this.#authenticator.authenticate(token);
    return 'then' in found ? found.then(again) : again(found);
  }

  /** Whoever has guessed keys may share an address with many who have not. */
  #isFromKnownKey(credentials: Credentials): boolean {
    return credentials.outcome === 'bearer' && this.#knownKeys.has(credentials.token);
  }

  #checkLimit(pending: PendingRequest, authentication: Authentication): Refused | Promise<Refused> {
    if (authentication.outcome !== 'authenticated') return this.#reject(pending, authentication);
    const { principal } = authentication;
    pending.req.keyId = principal.keyId;
    const counting = this.#limits.count(principal);
    if (counting === undefined) return this.#recheck(pending, authentication);
    return counting.then((ofKey) => {
      tell(pending.res, ofKey);
      return ofKey.allowed
        ? this.#checkOwnerLimit(pending, authentication, ofKey)
        : this.#refuse(pending, this.#challenges.rateLimited(ofKey));
    });
  }

  /** Once the key's own limit has room, so that a key beyond it takes nothing from the others of its owner. */
  #checkOwnerLimit(
    pending: PendingRequest,
    authenticated: Authenticated,
    ofKey: RateLimitResult,
  ): Refused | Promise<Refused> {
    const counting = this.#limits.countOwner(authenticated.principal);
    if (counting === undefined) return this.#recheck(pending, authenticated);
    return counting.then((ofOwner) => {
      tell(pending.res, ofKey, ofOwner);
      return ofOwner.allowed
        ? this.#recheck(pending, authenticated)
        : this.#refuse(pending, this.#challenges.ownerRateLimited(ofOwner));
    });
  }

  #reject(
    pending: PendingRequest,
    authentication: Exclude<Authentication, { outcome: 'authenticated' }>,
  ): ProblemException {
    const { req } = pending;
    if (authentication.outcome === 'refused') {
      this.#limits.addFailure(req);
      if (authentication.keyId !== undefined) {
        req.keyId = authentication.keyId;
        this.#knownKeys.remove(authentication.keyId);
      }
    }
    return this.#refuse(pending, this.#challenges.refused(authentication));
  }

  /** The key may have been dropped since it was found alive, such as while its request was counted: then it is looked at again. */
  #recheck(pending: PendingRequest, authenticated: Authenticated): Refused | Promise<Refused> {
    const { revocationEpoch: epoch } = this.#open;
    if (pending.epoch === epoch) return this.#authorize(pending, authenticated);
    const again = (authentication: Authentication): Refused =>
      authentication.outcome === 'authenticated'
        ? this.#authorize({ ...pending, epoch }, authentication)
        : this.#reject(pending, authentication);
    const found = this.#authenticator.authenticate(pending.token);
    return 'then' in found ? found.then(again) : again(found);
  }

  #authorize(pending: PendingRequest, authenticated: Authenticated): Refused {
    const { route, req, res, token, epoch } = pending;
    const { principal } = authenticated;
    if (route.declaration.opens === 'to capabilities') {
      const { required } = route.declaration;
      const { capabilities } = principal;
      if (!required.every((capability) => capabilities.includes(capability)))
        return this.#refuse(pending, this.#challenges.insufficient(required, capabilities));
    }
    const { keyId } = principal;
    const shares = this.#limits.begin(principal);
    if ('usedUp' in shares) return this.#refuse(pending, this.#challenges.tooManyConcurrent(shares));
    setCaller(req, principal);
    // Read now: a socket that is closed no longer knows whose it was.
    const address = clientAddress(req.ip);
    const name = nameOf(route, req);
    const response = 'raw' in res ? res.raw : res;
    const whenOver = (): void => {
      this.#limits.end(shares);
      this.#activity.note({ keyId, route: name, status: statusOf(response), address });
    };
    if (isGone(response)) {
      whenOver();
      return undefined;
    }
    this.#open.add(response, token, authenticated, epoch, whenOver);
    closeWithConnection(response);
    return undefined;
  }

  /** What a revoked key still tries, or one asks for that may not, is what people look for after a leak. */
  #refuse({ req, route }: PendingRequest, refused: ProblemException): ProblemException {
    const { keyId } = req;
    if (keyId === undefined) return refused;
    const [status, address] = [refused.getStatus(), clientAddress(req.ip)];
    this.#activity.note({ keyId, route: nameOf(route, req), status, address });
    return refused;
  }
}

function nameOf({ name, hasManyNames }: DeclaredRoute, req: RoutedRequest): string {
  return hasManyNames ? (calledRouteName(req) ?? name) : name;
}

/** Whether the client has left already: nobody would say so again. */
function isGone(response: ServerResponse): boolean {
  return response.destroyed || response.req.socket.destroyed;
}

/** What was answered; 499, as nginx has it, where the client left before it was. */
function statusOf({ headersSent, statusCode }: ServerResponse): number {
  return headersSent ? statusCode : 499;
}

/** What is left, on every answer to an authenticated key, as draft-ietf-httpapi-ratelimit-headers-10 writes it. */
function tell(res: GuardedResponse, ofKey: RateLimitResult, ofOwner?: RateLimitResult): void {
  let policies = `"per-key";q=${ofKey.quota};w=${WINDOW_SECONDS}`;
  let limits = `"per-key";r=${ofKey.remaining};t=${ofKey.resetSeconds}`;
  if (ofOwner !== undefined) {
    policies += `, "per-owner";q=${ofOwner.quota};w=${WINDOW_SECONDS}`;
    limits += `, "per-owner";r=${ofOwner.remaining};t=${ofOwner.resetSeconds}`;
  }
  res.header('ratelimit-policy', policies);
  res.header('ratelimit', limits);
}
