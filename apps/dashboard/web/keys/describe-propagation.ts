import type { Expiry } from '#libs/keys-contract';
import { duration } from '../time/format.js';

/** How the keys service knows that no gateway accepts the key any longer. */
export type Propagation = Pick<Expiry, 'gateways' | 'waitedMs' | 'how'>;

/** `3 gateways confirmed in 4 ms.` */
export function describePropagation({ gateways, waitedMs, how }: Propagation): string {
  const waited = duration(waitedMs);
  switch (how) {
    case 'acknowledged':
      return gateways === 0 ? 'No gateways are running.' : `${countOf(gateways)} confirmed in ${waited}.`;
    case 'lease':
      return `${countOf(gateways)} confirmed; we waited ${waited} until no other could still accept the key.`;
    case 'cache-ttl':
      return `Not all gateways could be reached, so we waited ${waited} until none could still accept the key.`;
    default: // a way that a newer keys service has
      return `Confirmed in ${waited}.`;
  }
}

function countOf(gateways: number): string {
  if (gateways === 0) return 'No gateway';
  return gateways === 1 ? '1 gateway' : `${gateways} gateways`;
}
