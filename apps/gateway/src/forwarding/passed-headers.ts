import type { FastifyRequest } from 'fastify';

/** What goes on to a service, and a script on another site's page may set only where it is allowed to (Fetch standard, section 2.2.2). */
export const FROM_PAGES = [
  'idempotency-key',
  'if-match',
  'if-none-match',
  'last-event-id',
  'traceparent',
  'tracestate',
];

/** What such a script may read of a service's answer only where it is allowed to. */
export const TO_PAGES = ['allow', 'content-disposition', 'etag', 'retry-after'];

/**
 * What a client's header may tell a service. What is not listed stays here: credentials and cookies, copies of the
 * headers that only the gateway writes, whatever an underscore would make look like one, and all that is about the
 * connection alone (RFC 9110 section 7.6.1).
 */
const TO_UPSTREAM = ['accept', 'accept-encoding', 'accept-language', 'user-agent', ...FROM_PAGES];

/** What a service's header may tell a client. Cookies, challenges, caching and limits are the gateway's to say. */
const TO_CLIENT = [
  'allow',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-type',
  'etag',
  'last-modified',
  'retry-after',
  'vary',
];

/** The headers of a request that goes on to a service, without its body's. */
export function headersToUpstream({
  headers,
  id,
  ip,
}: Pick<FastifyRequest, 'headers' | 'id' | 'ip'>): Record<string, string> {
  return { ...pick(TO_UPSTREAM, headers), 'x-request-id': id, 'x-forwarded-for': ip };
}

/** The headers of a service's answer that go on to the client. */
export function headersToClient(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  // What a service answers is no page of ours, whatever it calls itself.
  return { ...pick(TO_CLIENT, headers), 'x-content-type-options': 'nosniff' };
}

function pick(
  names: readonly string[],
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  // A header that Connection names is for the next hop alone.
  const forOneHop = String(headers.connection ?? '')
    .toLowerCase()
    .split(/[\s,]+/);
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (value === undefined || forOneHop.includes(name)) continue;
    picked[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return picked;
}
