import type { Principal } from '#libs/keys-contract';

/**
 * A symbol, so that nothing that a client sends can be mistaken for it. A registered one, so that the guard and the code
 * behind it agree on it even if a process has loaded this library twice. Not a WeakMap by request, which would cost the
 * garbage collector more than the rest of the guard.
 */
const CALLER = Symbol.for('le-bureau:caller');

/** A request that may have a caller. */
export interface Called {
  /** Null: it was admitted without a key, where a key is optional. */
  [CALLER]?: Principal | null;
}

/** Sets the caller of a request: null if it has none, where a key is optional. */
export function setCaller(req: Called, principal: Principal | null): void {
  req[CALLER] = principal;
}

/** The caller of a request. Throws a TypeError if it was admitted without a key. */
export function callerOf(req: object & Called): Principal {
  const principal = req[CALLER] ?? undefined;
  if (principal === undefined)
    throw new TypeError(
      'this request was admitted without a key, so it has no caller: require a key on its route',
    );
  return principal;
}

/** The same for a route with an optional key: undefined without one. Throws a TypeError on a public route. */
export function optionalCallerOf(req: object & Called): Principal | undefined {
  return req[CALLER] === null ? undefined : callerOf(req);
}
