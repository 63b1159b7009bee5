import type { SignedIdentity } from './identity-verifier.js';

/** A symbol, so that nothing that a client sends can be mistaken for it. */
const IDENTITY = Symbol('le-bureau:identity');

/** A request that may have an identified caller. */
export interface Identified {
  [IDENTITY]?: SignedIdentity;
}

/** Sets the identity of a request's caller. */
export function setIdentity(req: Identified, identity: SignedIdentity): void {
  req[IDENTITY] = identity;
}

/** The identity of a request's caller; throws a TypeError if nothing has checked it. */
export function identityOf(req: object & Identified): SignedIdentity {
  const identity = req[IDENTITY];
  if (identity === undefined) throw new TypeError('nothing has checked who makes this request');
  return identity;
}
