import type { Principal } from '#libs/keys-contract';

/**
 * Under a name that nobody else has: what a client sends can never be mistaken for it. Not in a WeakMap beside the
 * requests, which costs the garbage collector more than the rest of the guard.
 */
const CALLER = Symbol('le-bureau:caller');

/** A request, which may have a caller. */
export interface Called {
  [CALLER]?: Principal;
}

/** Says who makes the request. */
export function setCaller(req: Called, principal: Principal): void {
  req[CALLER] = principal;
}

/** Who makes the request; throws a TypeError where the guard has let it through without a key. */
export function callerOf(req: object & Called): Principal {
  const principal = req[CALLER];
  if (principal === undefined)
    throw new TypeError('a public route has no caller: declare it with @AnyValidKey()');
  return principal;
}
