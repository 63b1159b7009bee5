import type { Principal } from '#libs/keys-contract';

/**
 * A symbol, so that nothing that a client sends can be mistaken for it. Not a WeakMap by request, which would cost the
 * garbage collector more than the rest of the guard.
 */
const CALLER = Symbol('le-bureau:caller');

/** A request that may have a caller. */
export interface Called {
  [CALLER]?: Principal;
}

/** Sets the caller of a request. */
export function setCaller(req: Called, principal: Principal): void {
  req[CALLER] = principal;
}

/** The caller of a request; throws a TypeError if the guard has admitted it without a key. */
export function callerOf(req: object & Called): Principal {
  const principal = req[CALLER];
  if (principal === undefined)
    throw new TypeError('a public route has no caller: declare it with @AnyValidKey()');
  return principal;
}
