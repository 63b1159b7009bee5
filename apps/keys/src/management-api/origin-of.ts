import type { FastifyRequest } from 'fastify';
import type { ChangeRequest } from '#libs/keys-contract';
import type { Origin } from '../audit/origin.js';

/** Where a change comes from that somebody requests through the management API. */
export function originOf(
  { id }: Pick<FastifyRequest, 'id'>,
  { actor, address = null }: ChangeRequest & { readonly actor: string },
): Origin {
  return { actor, address, requestId: id };
}
