import { retryAfter } from '#libs/problems';
import { GatewayProblem } from '../gateway-problem.js';
import { UpstreamFull } from './upstream.js';
import { UpstreamError } from './upstream-error.js';

/** The service did not begin its answer in time. */
export class UpstreamLate extends Error {
  override readonly name = 'UpstreamLate';
}

/** The group of routes is there, and the service behind it is not. */
export function notConfigured(name: string): GatewayProblem {
  return new GatewayProblem('unavailable', `The ${name} service is not configured in this deployment.`, {
    reason: 'upstream_not_configured',
  });
}

/** The service has answered with what is no answer for a client, such as that it does not know the gateway. */
export function unexpectedStatus(name: string, status: number): GatewayProblem {
  return new GatewayProblem(
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
  const code = codeOf(causeOf(err));
  return BROKEN.includes(code) || UNREACHED.includes(code);
}

/** Why there is no answer of the service, in words for the public that name it and tell nothing of where it is. */
export function asProblem(err: unknown, name: string): GatewayProblem {
  const cause = causeOf(err);
  const options = { cause };
  if (cause instanceof UpstreamFull) {
    return new GatewayProblem(
      'unavailable',
      `Too many requests to the ${name} service are open. Try again in a moment.`,
      {
        headers: retryAfter(1),
        reason: 'upstream_full',
      },
    );
  }
  const code = codeOf(cause);
  if (UNREACHED.includes(code)) {
    return new GatewayProblem(
      'unavailable',
      `The ${name} service cannot be reached. Try again in a moment.`,
      {
        ...options,
        headers: retryAfter(1),
        reason: 'upstream_unreachable',
      },
    );
  }
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || cause instanceof UpstreamLate) {
    return new GatewayProblem(
      'gateway_timeout',
      `The ${name} service did not respond in time. The request may still take effect: check before retrying.`,
      { ...options, reason: 'upstream_late' },
    );
  }
  return new GatewayProblem(
    'bad_gateway',
    `The ${name} service closed the connection early. The request may have taken effect: check before retrying.`,
    { ...options, reason: 'upstream_broken' },
  );
}

/** The problem for a body that has broken off before any of it was sent to the client. */
export function brokenBodyAsProblem(exception: unknown): GatewayProblem | undefined {
  return exception instanceof UpstreamError ? asProblem(exception, exception.upstream) : undefined;
}

function causeOf(err: unknown): unknown {
  return err instanceof UpstreamError ? err.cause : err;
}

function codeOf(err: unknown): string {
  const hasCode = typeof err === 'object' && err !== null && 'code' in err;
  if (hasCode && typeof err.code === 'string') return err.code;
  // A name with several addresses fails with one error for each.
  return err instanceof AggregateError ? codeOf(err.errors[0]) : '';
}
