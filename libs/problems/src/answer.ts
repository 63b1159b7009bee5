import type { ProblemException } from './problem.js';

/** A request, as far as Fastify's and Express's are alike. */
export interface RefusedRequest {
  readonly originalUrl: string;
  /** Its ID in logs; Express has none. */
  readonly id?: unknown;
  /** What it was refused with, for logs and metrics. */
  refusal?: ProblemException;
}

/** Its response, as far as they are alike. */
export interface RefusedResponse {
  header(name: string, value: string): unknown;
  status(code: number): unknown;
  send(body: string): unknown;
}

/** Responds with `application/problem+json` (RFC 9457 section 3). The cause of a server error is only logged. */
export function answerProblem(
  exception: ProblemException,
  req: RefusedRequest,
  res: RefusedResponse,
  log: { warn(entry: object): void },
): void {
  const { problem, headers, reason, cause } = exception;
  const requestId = typeof req.id === 'string' ? req.id : undefined;
  req.refusal = exception;
  if (problem.status >= 500) log.warn({ requestId, reason, err: cause });
  for (const name in headers) res.header(name, headers[name] ?? '');
  res.header('cache-control', 'no-store');
  res.header('content-type', 'application/problem+json');
  res.status(problem.status);
  res.send(exception.textFor(pathOf(req.originalUrl), requestId));
}

/** The path without its query, which may hold secrets. */
function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}
