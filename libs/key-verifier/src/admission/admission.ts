import type { ServerResponse } from 'node:http';
import { clientAddress, isPrivateAddress } from '#libs/client-address';
import { type RefusedResponse, sentStatus } from '#libs/problems';
import { type RateLimitResult, WINDOW_SECONDS } from '../limits/rate-limits.js';
import type { Principal, Refusal } from '#libs/keys-contract';
import type { Authenticated, Authentication } from '../authentication/authentication.js';
import type { Authenticator } from '../authentication/authenticator.js';
import { type Called, setCaller } from './caller.js';
import type { Challenges } from './challenges.js';
import { type CredentialCarrier, type Credentials, readCredentials } from '../authentication/credentials.js';
import type { DeclaredRoute, Declaration } from './declaration.js';
import type { Sender } from '../limits/failed-authentications.js';
import type { KeyActivity } from '../reports/key-activity.js';
import type { KnownKeys } from '../authentication/known-keys.js';
import { type NowOrLater, isLater } from '../now-or-later.js';
import type { KeyGuardProblem } from '../key-guard-problem.js';
import type { Log } from '../log.js';
import type { OpenResponses } from '../responses/open-responses.js';
import { closeWithConnection } from '../responses/pipelined-response.js';
import type { OpenShares, RequestLimits } from '../limits/request-limits.js';
import { type RoutedRequest, calledRouteName } from './route-name.js';

/** A request, as far as Express's and Fastify's are alike. */
export interface GuardedRequest extends CredentialCarrier, Sender, Called, RoutedRequest {
  keyId?: string;
  /** What it does, for the key's activity, where its route does not say: see {@link routeName}. Set it before the response is over. */
  activityName?: string;
}

/**
 * Its response: Fastify's wraps Node's, and Express's is Node's. Where there is none, as for a message, the request is over
 * once it is admitted: it is not cut off, and recorded with the status 200.
 */
export type GuardedResponse = (ServerResponse | { readonly raw: ServerResponse | undefined }) &
  Pick<RefusedResponse, 'header'>;

/** Why a request is refused, or undefined when it may go on: then its caller is known. */
export type Refused = KeyGuardProblem | undefined;

/** A request that is being checked. */
interface PendingRequest {
  readonly route: DeclaredRoute;
  readonly req: GuardedRequest;
  readonly res: GuardedResponse;
  readonly token: string;
  /** The epoch of revocations before the key was authenticated; see {@link OpenResponses}. */
  readonly epoch: number;
}

/** Why keys are refused that may be accepted again later. */
const CAN_COME_BACK: ReadonlySet<Refusal> = new Set<Refusal>(['paused', 'owner_suspended']);

/**
 * Whether a request is admitted. It stops at the first refusal: its sender may be blocked, its key invalid, its address not
 * allowed, its limit reached, its capabilities insufficient, or too many of its requests open. Only an authenticated key from
 * an allowed address is counted, so neither a forged key nor a stolen one elsewhere uses up a real one's limit. The methods
 * are in calling order.
 */
export class Admission {
  readonly #authenticator: Authenticator;
  readonly #knownKeys: KnownKeys;
  readonly #open: OpenResponses;
  readonly #limits: RequestLimits;
  readonly #activity: KeyActivity;
  readonly #challenges: Challenges;
  readonly #keyPrefix: string;
  readonly #log: Log;
  #hasWarnedOfProxy = false;

  constructor(parts: {
    authenticator: Authenticator;
    knownKeys: KnownKeys;
    open: OpenResponses;
    limits: RequestLimits;
    activity: KeyActivity;
    challenges: Challenges;
    keyPrefix: string;
    log: Log;
  }) {
    this.#authenticator = parts.authenticator;
    this.#knownKeys = parts.knownKeys;
    this.#open = parts.open;
    this.#limits = parts.limits;
    this.#activity = parts.activity;
    this.#challenges = parts.challenges;
    this.#keyPrefix = parts.keyPrefix;
    this.#log = parts.log;
  }

  /** Decides synchronously if no RPC is needed, as the authenticator does. */
  admit(route: DeclaredRoute, req: GuardedRequest, res: GuardedResponse): NowOrLater<Refused> {
    const credentials = readCredentials(req, this.#keyPrefix);
    if (route.declaration.opens === 'with or without a key' && isWithoutKey(credentials)) {
      setCaller(req, null);
      return undefined;
    }
    const blockedSeconds = this.#limits.retryAfterSeconds(req);
    if (blockedSeconds !== undefined && !this.#isFromKnownKey(credentials))
      return this.#challenges.blocked(blockedSeconds);
    if (credentials.outcome === 'malformed') return this.#challenges.malformed(credentials.detail);
    if (credentials.outcome !== 'bearer') return this.#challenges.missing();
    const { token } = credentials;
    return this.#authenticate({ route, req, res, token, epoch: this.#open.revocationEpoch });
  }

  /** Someone who guesses keys may share an address with many who do not. */
  #isFromKnownKey(credentials: Credentials): boolean {
    return credentials.outcome === 'bearer' && this.#knownKeys.has(credentials.token);
  }

  #authenticate(pending: PendingRequest): NowOrLater<Refused> {
    const found = this.#authenticator.authenticate(pending.token);
    if (!isLater(found)) return this.#checkAddress(pending, found);
    return found.then((authentication) => {
      // Once per RPC, not per request.
      if (authentication.outcome === 'authenticated')
        this.#knownKeys.add(authentication.principal.keyId, pending.token);
      return this.#checkAddress(pending, authentication);
    });
  }

  /**
   * After authentication: only a caller with the key learns that it is restricted. Before the limit: otherwise a thief of
   * the key could still use up its limit, and its owner's, from anywhere. A refusal costs less than counting it would. Once per
   * request is enough: the addresses of a key never change, nor does the client of a connection.
   */
  #checkAddress(pending: PendingRequest, authentication: Authentication): NowOrLater<Refused> {
    if (authentication.outcome !== 'authenticated') return this.#reject(pending, authentication);
    const { principal, allowedFrom } = authentication;
    pending.req.keyId = principal.keyId;
    if (allowedFrom === undefined) return this.#checkLimit(pending, authentication);
    if (allowedFrom === 'unreadable')
      return this.#refuse(pending, this.#challenges.addressNotAllowed('allowed_addresses_unreadable'));
    const address = clientAddress(pending.req.ip);
    if (allowedFrom.include(address)) return this.#checkLimit(pending, authentication);
    this.#warnOnceOfProxy(pending.req, address);
    return this.#refuse(pending, this.#challenges.addressNotAllowed());
  }

  /** A private address that the first proxy has not told is most likely a proxy's, and no client's. */
  #warnOnceOfProxy({ headers }: GuardedRequest, address: string): void {
    if (this.#hasWarnedOfProxy || !isPrivateAddress(address)) return;
    const [first = ''] = String(headers['x-forwarded-for'] ?? '').split(',', 1);
    if (clientAddress(first.trim()) === address) return;
    this.#hasWarnedOfProxy = true;
    this.#log.warn(
      `a key was refused because it may not be used from the private address ${address}: if that is a proxy in front, name it in TRUSTED_PROXIES (in an application of your own, set its framework to trust the proxy), or nobody can use keys with allowed addresses`,
    );
  }

  #checkLimit(pending: PendingRequest, authenticated: Authenticated): NowOrLater<Refused> {
    const counting = this.#limits.count(authenticated.principal);
    if (counting === undefined) return this.#recheck(pending, authenticated);
    return counting.then((ofKey) => {
      tell(pending.res, ofKey);
      return ofKey.allowed
        ? this.#checkOwnerLimit(pending, authenticated, ofKey)
        : this.#refuse(pending, this.#challenges.rateLimited(ofKey));
    });
  }

  /** Only if the key's own limit is not reached, so that a key beyond it takes nothing from its owner's other keys. */
  #checkOwnerLimit(
    pending: PendingRequest,
    authenticated: Authenticated,
    ofKey: RateLimitResult,
  ): NowOrLater<Refused> {
    const counting = this.#limits.countOwner(authenticated.principal);
    if (counting === undefined) return this.#recheck(pending, authenticated);
    return counting.then((ofOwner) => {
      tell(pending.res, ofKey, ofOwner);
      return ofOwner.allowed
        ? this.#recheck(pending, authenticated)
        : this.#refuse(pending, this.#challenges.ownerRateLimited(ofOwner));
    });
  }

  /** The key may have been revoked since it was authenticated, such as while its request was counted. */
  #recheck(pending: PendingRequest, authenticated: Authenticated): NowOrLater<Refused> {
    const { revocationEpoch: epoch } = this.#open;
    if (pending.epoch === epoch) return this.#authorize(pending, authenticated);
    const found = this.#authenticator.authenticate(pending.token);
    const rechecked = { ...pending, epoch };
    return isLater(found)
      ? found.then((authentication) => this.#authorizeAgain(rechecked, authentication))
      : this.#authorizeAgain(rechecked, found);
  }

  #authorizeAgain(pending: PendingRequest, authentication: Authentication): Refused {
    return authentication.outcome === 'authenticated'
      ? this.#authorize(pending, authentication)
      : this.#reject(pending, authentication);
  }

  #authorize(pending: PendingRequest, authenticated: Authenticated): Refused {
    const { principal } = authenticated;
    const insufficient = this.#compare(pending.route.declaration, principal);
    if (insufficient !== undefined) return this.#refuse(pending, insufficient);
    const shares = this.#limits.begin(principal);
    if ('usedUp' in shares) return this.#refuse(pending, this.#challenges.tooManyConcurrent(shares));
    setCaller(pending.req, principal);
    this.#watch(pending, authenticated, shares);
    return undefined;
  }

  #compare(declaration: Declaration, { capabilities }: Principal): Refused {
    if (declaration.opens === 'to capabilities') {
      const { required } = declaration;
      if (!required.every((capability) => capabilities.includes(capability)))
        return this.#challenges.insufficient(required, capabilities);
    } else if (declaration.opens === 'to any capability of') {
      const { accepted } = declaration;
      if (!accepted.some((capability) => capabilities.includes(capability)))
        return this.#challenges.noneOf(accepted, capabilities);
    }
    return undefined;
  }

  /** Until the response is over: then its room is released, and the request is recorded in the key's activity. */
  #watch({ route, req, res, token, epoch }: PendingRequest, found: Authenticated, shares: OpenShares): void {
    const { keyId } = found.principal;
    // Read now: a closed socket no longer knows its address.
    const address = clientAddress(req.ip);
    const name = nameOf(route, req);
    const response = 'raw' in res ? res.raw : res;
    const whenOver = (): void => {
      this.#limits.end(shares);
      const status = response === undefined ? 200 : sentStatus(response);
      this.#activity.note({ keyId, route: req.activityName ?? name, status, address });
    };
    if (response === undefined || isGone(response)) {
      whenOver();
      return;
    }
    this.#open.add(response, token, found, epoch, whenOver);
    closeWithConnection(response);
  }

  #reject(
    pending: PendingRequest,
    authentication: Exclude<Authentication, { outcome: 'authenticated' }>,
  ): KeyGuardProblem {
    const { req } = pending;
    if (authentication.outcome === 'refused') {
      // A key that can come back must be accepted as soon as it has, so it does not block its address.
      if (!CAN_COME_BACK.has(authentication.reason)) this.#limits.addFailure(req);
      if (authentication.keyId !== undefined) {
        req.keyId = authentication.keyId;
        this.#knownKeys.remove(authentication.keyId);
      }
    }
    return this.#refuse(pending, this.#challenges.refused(authentication));
  }

  /** Refused requests are recorded, too: after a leak, people check what a revoked key still tries. */
  #refuse({ req, route }: PendingRequest, refused: KeyGuardProblem): KeyGuardProblem {
    const { keyId } = req;
    if (keyId === undefined) return refused;
    const [status, address] = [refused.problem.status, clientAddress(req.ip)];
    this.#activity.note({ keyId, route: req.activityName ?? nameOf(route, req), status, address });
    return refused;
  }

  /**
   * Whether an admitted request is still admitted after its body was read. The body may have arrived after a revocation
   * has returned; then the key is refused, as with any other request. It still counts as one request. `declaration`: of
   * what else the request does, such as another field of a GraphQL query.
   */
  readmit(req: GuardedRequest, declaration?: Declaration): NowOrLater<Refused> {
    const credentials = readCredentials(req, this.#keyPrefix);
    if (credentials.outcome !== 'bearer') return this.#readmitWithoutKey(declaration);
    const { token } = credentials;
    const found = this.#authenticator.cached(token) ?? this.#authenticator.authenticate(token);
    return isLater(found)
      ? found.then((authentication) => this.#setCallerAgain(req, authentication, declaration))
      : this.#setCallerAgain(req, found, declaration);
  }

  /** It was admitted where a key is optional. */
  #readmitWithoutKey(declaration?: Declaration): Refused {
    return declaration === undefined || declaration.opens === 'with or without a key'
      ? undefined
      : this.#challenges.missing();
  }

  #setCallerAgain(req: GuardedRequest, authentication: Authentication, declaration?: Declaration): Refused {
    // The request is recorded when its response is over.
    if (authentication.outcome !== 'authenticated') return this.#challenges.refused(authentication);
    setCaller(req, authentication.principal);
    return declaration === undefined ? undefined : this.#compare(declaration, authentication.principal);
  }
}

function nameOf({ name, hasManyNames }: DeclaredRoute, req: RoutedRequest): string {
  return hasManyNames ? (calledRouteName(req) ?? name) : name;
}

/** Without a credential, or with one of another scheme, which is not for us. */
function isWithoutKey({ outcome }: Credentials): boolean {
  return outcome === 'none' || outcome === 'other';
}

/** Whether the client has already disconnected, so that no event will say so. */
function isGone(response: ServerResponse): boolean {
  return response.destroyed || response.req.socket.destroyed;
}

/** What is left of the limit, in every response to an authenticated key (draft-ietf-httpapi-ratelimit-headers-10). */
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
