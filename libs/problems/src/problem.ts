import { HttpException } from '@nestjs/common';

/**
 * Every way in which this product says no: a code that programs may rely on, its status, and its title.
 * Unknown, foreign, forged, expired and revoked keys share `invalid_token` on purpose.
 */
const PROBLEMS = {
  invalid_request: { status: 400, title: 'The request is malformed' },
  credentials_missing: { status: 401, title: 'Credentials are missing' },
  invalid_token: { status: 401, title: 'The credentials are not valid' },
  insufficient_scope: { status: 403, title: 'The key lacks a capability' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  already_issued: { status: 409, title: 'This request has already made a key' },
  key_ended: { status: 409, title: 'The key has been revoked, or has expired' },
  expiry_too_late: { status: 409, title: 'The key expires earlier than that' },
  owner_suspended: { status: 409, title: 'The owner is suspended' },
  too_many_keys: { status: 409, title: 'The owner has as many keys as are allowed' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body is of another type' },
  expectation_failed: { status: 417, title: 'The expectation cannot be met' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key belongs to another request' },
  rate_limited: { status: 429, title: 'Too many requests' },
  too_many_concurrent_requests: { status: 429, title: 'Too many requests at the same time' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  internal_error: { status: 500, title: 'Something went wrong on our side' },
  bad_gateway: { status: 502, title: 'A service behind this one has failed' },
  unavailable: { status: 503, title: 'The service cannot answer right now' },
  gateway_timeout: { status: 504, title: 'A service behind this one has not answered in time' },
} as const;

/** What the dashboard says to its page besides: none of it is about keys. */
const DASHBOARD_PROBLEMS = {
  signed_out: { status: 401, title: 'Nobody is signed in' },
  sign_in_refused: { status: 401, title: 'Signing in was refused' },
  sign_in_not_allowed: { status: 403, title: 'This address may not sign in here' },
  account_suspended: { status: 403, title: 'The account is suspended' },
  other_origin: { status: 403, title: 'The request comes from another site' },
  keys_unreachable: { status: 503, title: 'Keys cannot be reached' },
} as const;

const ALL_PROBLEMS = { ...PROBLEMS, ...DASHBOARD_PROBLEMS };

/** The name of a way to say no. */
export type ProblemCode = keyof typeof ALL_PROBLEMS;

/** Every code of the public API, for its documentation. */
export const PROBLEM_CODES: readonly string[] = Object.keys(PROBLEMS);

/** Every code that the dashboard has besides. */
export const DASHBOARD_PROBLEM_CODES: readonly string[] = Object.keys(DASHBOARD_PROBLEMS);

/** An answer that says no: `application/problem+json` of RFC 9457 section 3, with `code` and `requestId` added. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly instance?: string;
  readonly requestId?: string;
  readonly [extension: string]: unknown;
}

/** What a {@link ProblemException} carries besides its code and sentence. */
export interface ProblemOptions {
  /** Further members of the answer. Public. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** Headers of the answer, such as `WWW-Authenticate` and `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Why, for the log alone: a word of a closed list. */
  readonly reason?: string;
  readonly cause?: unknown;
}

/**
 * Says no over HTTP. `detail` is for the public: one sentence that says what to do.
 * Also under Nest's own exception filter its body is the problem.
 */
export class ProblemException extends HttpException {
  readonly code: ProblemCode;
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
  readonly reason: string;
  #text: string | undefined;

  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    const problem = problemOf(code, detail, options.extensions);
    // Without a stack: to say no is expected, and `cause` has its own. Taking one would cost each refusal more than finding
    // out that a key is forged.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(problem, problem.status, { cause: options.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
    this.problem = problem;
    this.headers = options.headers ?? {};
    this.reason = options.reason ?? code;
  }

  /**
   * The problem as JSON, with the path of the request that it answers, and its id. Written once but for those two: the same
   * exception may answer a flood.
   */
  textFor(instance: string, requestId: string | undefined): string {
    this.#text ??= JSON.stringify(this.problem).slice(0, -1);
    const id = requestId === undefined ? '' : `,"requestId":${JSON.stringify(requestId)}`;
    return `${this.#text},"instance":${JSON.stringify(instance)}${id}}`;
  }
}

/** The body that says no. Its `type` is a URI that names the kind and leads nowhere (RFC 9457 section 3.1.1). */
export function problemOf(
  code: ProblemCode,
  detail: string,
  extensions: Readonly<Record<string, unknown>> = {},
): Problem {
  const { status, title } = ALL_PROBLEMS[code];
  return { type: `urn:le-bureau:problem:${code}`, title, status, detail, code, ...extensions };
}

/** Retry-After, in whole seconds (RFC 9110 section 10.2.3), as a header. */
export function retryAfter(seconds: number): Readonly<Record<string, string>> {
  return { 'retry-after': String(Math.max(1, Math.ceil(seconds))) };
}
