import type { FastifyRequest } from 'fastify';
import { clientAddress } from '#libs/client-address';
import type { KeySighting } from '#libs/key-verifier';

/** The most of a URL that is passed on, in characters: keys cuts off most of that, after it has removed secrets. */
const MAX_URL = 4000;

/** Who says by a request that keys were found, and where that was. */
export function sightingBy(
  { ip, id }: Pick<FastifyRequest, 'ip' | 'id'>,
  source: KeySighting['source'],
  url: string | null = null,
): KeySighting {
  return { source, url: url?.slice(0, MAX_URL) ?? null, address: clientAddress(ip), requestId: id };
}
