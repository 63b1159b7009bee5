/** The body of an error: `application/problem+json` of RFC 9457 section 3, with `code`, `error` and `requestId` added. */
export interface Problem {
  /** A URI that identifies the kind, and is not a link (section 3.1.1). */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  /** The same as `detail`, `code` and `type`, where SDKs for OpenAI's API look for what to show. */
  readonly error: { readonly message: string; readonly code: string; readonly type: string };
  readonly instance?: string;
  readonly requestId?: string;
  readonly [extension: string]: unknown;
}

/** What a {@link ProblemException} has besides its body. */
interface Details {
  readonly headers: Readonly<Record<string, string>>;
  readonly reason: string;
  readonly countedReason: string;
  readonly cause: unknown;
}

/** An error over HTTP, whatever the framework. Only the classes of {@link declareProblems} extend it. */
export abstract class ProblemException extends Error {
  readonly code: string;
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
  /** The reason, for the log. */
  readonly reason: string;
  /** The reason for metrics: a declared one, or `other`. */
  readonly countedReason: string;
  #text: string | undefined;

  protected constructor(problem: Problem, { headers, reason, countedReason, cause }: Details) {
    // Without a stack: refusals are expected, and `cause` has its own. Taking one would cost more than finding out that a
    // key is forged.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(problem.detail, { cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.name = new.target.name;
    this.code = problem.code;
    this.problem = problem;
    this.headers = headers;
    this.reason = reason;
    this.countedReason = countedReason;
  }

  /**
   * The problem as JSON, with the path and ID of the request. Everything else is only serialized once: the same exception
   * may answer a flood of requests.
   */
  textFor(instance: string, requestId: string | undefined): string {
    this.#text ??= JSON.stringify(this.problem).slice(0, -1);
    const id = requestId === undefined ? '' : `,"requestId":${JSON.stringify(requestId)}`;
    return `${this.#text},"instance":${JSON.stringify(instance)}${id}}`;
  }
}

/** Retry-After, in whole seconds (RFC 9110 section 10.2.3), as a header. */
export function retryAfter(seconds: number): Readonly<Record<string, string>> {
  return { 'retry-after': String(Math.max(1, Math.ceil(seconds))) };
}
