import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { DRAIN_MS } from './drain-unread-bodies.js';
import type { HttpMetrics } from './metrics/http-metrics.js';
import { ServiceProblem } from './service-problem.js';

/**
 * Responds to what Node's HTTP parser could not read, and what has so reached no route: with a problem like any other,
 * written by hand, and closes the connection. The log only says that there was such a request.
 */
export function respondToParseError(
  err: Error & { code?: string },
  socket: Socket,
  log: Logger,
  metrics: HttpMetrics,
): void {
  // A connection that never sent anything, such as those that browsers open in advance, gets no response.
  if (err.code === 'ECONNRESET' || !socket.writable || socket.bytesRead === 0) {
    socket.destroy();
    return;
  }
  const requestId = randomUUID();
  const refusal = problemFor(err.code);
  const { problem, reason } = refusal;
  const { status } = problem;
  log.info({ requestId, status, reason }, 'request');
  metrics.refused(refusal);
  const body = JSON.stringify({ ...problem, requestId });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    'cache-control: no-store',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  // A client that does not close its end would keep the connection open.
  const closing = setTimeout(() => socket.destroy(), DRAIN_MS);
  socket.once('close', () => clearTimeout(closing));
}

function problemFor(code = ''): ServiceProblem {
  const options = { reason: 'unreadable_request' } as const;
  if (code === 'HPE_HEADER_OVERFLOW')
    return new ServiceProblem('headers_too_large', 'Send fewer or shorter headers.', options);
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new ServiceProblem('request_timeout', 'Send the whole request at once.', options);
  const detail = 'The HTTP request cannot be parsed. Check its first line and its headers.';
  return new ServiceProblem('invalid_request', detail, options);
}
