import type { FastifyReply } from 'fastify';
import type { Dispatcher } from 'undici';
import { headersToClient } from './passed-headers.js';
import { unexpectedStatus } from './upstream-problems.js';

/**
 * Streams a service's response to the client. Throws a problem where its status is not for clients. `onBroken` is
 * called when the body ends too early.
 */
export function sendToClient(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  res: FastifyReply,
  from: string,
  onBroken: (cause: Error) => void,
): void {
  if (!isForClients(statusCode)) {
    body.destroy();
    throw unexpectedStatus(from, statusCode);
  }
  const { vary: ownVary = '' } = res.getHeaders();
  const passed = headersToClient(headers);
  body.once('error', (err) => {
    onBroken(err);
    if (!res.raw.headersSent) removeHeaders(passed, res, ownVary);
  });
  const vary = mergedVary(String(ownVary), passed.vary ?? '');
  void res
    .code(statusCode)
    .headers(vary === '' ? passed : { ...passed, vary })
    .send(body);
  // Otherwise the headers would wait for the first event, which may take long.
  if (isEventStream(headers) && !res.raw.headersSent) res.raw.flushHeaders();
}

/** Headers that describe a broken body must not stand above the problem that is sent instead. */
function removeHeaders(passed: Readonly<Record<string, string>>, res: FastifyReply, ownVary: unknown): void {
  for (const name of Object.keys(passed)) {
    void res.removeHeader(name);
    res.raw.removeHeader(name);
  }
  if (ownVary !== '') void res.header('vary', ownVary);
}

/** Every request header that the response depends on, here or at the service (RFC 9110 section 12.5.5). */
function mergedVary(...values: readonly string[]): string {
  const names = values.flatMap((value) => value.split(',')).map((name) => name.trim());
  const byName = new Map(names.filter((name) => name !== '').map((name) => [name.toLowerCase(), name]));
  return byName.has('*') ? '*' : [...byName.values()].join(', ');
}

/**
 * A redirect leads where no client can go. 401 and 407 are about the gateway's identity, and would tell a client that
 * its key is invalid.
 */
function isForClients(status: number): boolean {
  const isSuccess = status >= 200 && status < 300;
  return isSuccess || status === 304 || (status >= 400 && status < 600 && status !== 401 && status !== 407);
}

function isEventStream(headers: Dispatcher.ResponseData['headers']): boolean {
  return String(headers['content-type']).startsWith('text/event-stream');
}
