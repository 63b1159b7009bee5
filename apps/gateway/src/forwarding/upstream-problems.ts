import { ProblemException, retryAfter } from '#libs/problems';
import { UpstreamFull, type UpstreamName } from './upstream.js';

/** The service did not begin its answer in time. */
export class UpstreamLate extends Error {
  override readonly name = 'UpstreamLate';
}

/** The group of routes is there, and the service behind it is not. */
export function notConfigured(name: UpstreamName): ProblemException {
  return new ProblemException('unavailable', `The ${name} service is not configured in this deployment.`, {
    reason: 'upstream_not_configured',
  });
}

/** The service has answered with what is no answer for a client, such as that it does not know the gateway. */
export function unexpectedStatus(name: UpstreamName, status: number): ProblemException {
  return new ProblemException(
    'bad_gateway',
    `The ${name} service has given an answer that cannot be passed on.`,
    {
      reason: 'upstream_bad_answer',
      cause: new Error(`it answered ${status}`),
    },
  );
}

/** Nothing was listening, or not where it was looked for: the request has not reached the service. */
const UNREACHED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN'];

/** The connection broke before an answer began, as a kept one does when the service closes it at the same moment. */
const BROKEN = ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'];

/** Whether asking again at once may help. */
export function isWorthRetrying(err: unknown): boolean {
  const code = codeOf(err);
  return BROKEN.includes(code) || UNREACHED.includes(code);
}

/** Why there is no answer of the service, in words for the public that name it and tell nothing of where it is. */
export function asProblem(err: unknown, name: UpstreamName): ProblemException {
  const options = { cause: err };
  if (err instanceof UpstreamFull) {
    return new ProblemException(
      'unavailable',
      `Too many requests to the ${name} service are open. Try again in a moment.`,
      {
        headers: retryAfter(1),
        reason: 'upstream_full',
      },
    );
  }
  const code = codeOf(err);
  if (UNREACHED.includes(code)) {
    return new ProblemException(
      'unavailable',
      `The ${name} service cannot be reached. Try again in a moment.`,
      {
        ...options,
        headers: retryAfter(1),
        reason: 'upstream_unreachable',
      },
    );
  }
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || err instanceof UpstreamLate) {
    return new ProblemException(
      'gateway_timeout',
      `The ${name} service has not answered in time. It may still do what was asked: look before you try again.`,
      { ...options, reason: 'upstream_late' },
    );
  }
  return new ProblemException(
    'bad_gateway',
    `The ${name} service has broken off. It may have done what was asked: look before you try again.`,
    { ...options, reason: 'upstream_broken' },
  );
}

/** Errors that bodies have ended with, and whose those were. */
const BROKEN_BODIES = new WeakMap<object, UpstreamName>();

/** A body has ended with `err`. Fastify says so to the client, if that can still be told; see {@link brokenBodyAsProblem}. */
export function noteBrokenBody(err: Error, name: UpstreamName): void {
  BROKEN_BODIES.set(err, name);
}

/** The problem that a body has ended with, before any of it was passed on. */
export function brokenBodyAsProblem(exception: unknown): ProblemException | undefined {
  if (typeof exception !== 'object' || exception === null) return undefined;
  const name = BROKEN_BODIES.get(exception);
  return name === undefined ? undefined : asProblem(exception, name);
}

function codeOf(err: unknown): string {
  const hasCode = typeof err === 'object' && err !== null && 'code' in err;
  if (hasCode && typeof err.code === 'string') return err.code;
  // A name with several addresses fails with one error for each.
  return err instanceof AggregateError ? codeOf(err.errors[0]) : '';
}
