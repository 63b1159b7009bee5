import type { FastifyRequest } from 'fastify';
import { type RequestOrigin, requestOrigin } from '../audit/request-origin.js';

/** Carry where a request comes from to better-auth. Always set by the dashboard, never taken from a request. */
export const CLIENT_ADDRESS_HEADER = 'x-client-address';
const REQUEST_ID_HEADER = 'x-request-id';

export function originHeaders(req: FastifyRequest): Record<string, string> {
  const { address, requestId } = requestOrigin(req);
  return { [CLIENT_ADDRESS_HEADER]: address, [REQUEST_ID_HEADER]: requestId };
}

/** What {@link originHeaders} says, at the other end. */
export function readOriginHeaders(headers: Headers): RequestOrigin {
  return {
    address: headers.get(CLIENT_ADDRESS_HEADER) ?? '',
    requestId: headers.get(REQUEST_ID_HEADER) ?? '',
  };
}
