import type { FastifyRequest } from 'fastify';
import { clientAddress } from '#libs/client-address';
import type { CallOrigin } from '#libs/keys-client';
import type { Person } from '../session/find-session.js';

/** Where a request comes from. */
export interface RequestOrigin {
  /** The client address behind trusted proxies; empty if unknown. */
  readonly address: string;
  readonly requestId: string;
}

export function requestOrigin({ ip, id }: FastifyRequest): RequestOrigin {
  return { address: clientAddress(ip), requestId: id };
}

/** Where the calls of the keys service come from that are made for a person's request. */
export function callOrigin({ id: actor }: Pick<Person, 'id'>, req: FastifyRequest): CallOrigin {
  const { address, requestId } = requestOrigin(req);
  return { actor, requestId, ...(address !== '' && { address }) };
}
