import type { Principal } from '#libs/keys-client';

/** Beside the request, not on it: what a client sends can never be mistaken for it. */
const callers = new WeakMap<object, Principal>();

/** Says who makes the request. */
export function setCaller(req: object, principal: Principal): void {
  callers.set(req, principal);
}

/** Who makes the request; throws a TypeError where the guard has let it through without a key. */
export function callerOf(req: object): Principal {
  const principal = callers.get(req);
  if (principal === undefined)
    throw new TypeError('a public route has no caller: declare it with @AnyValidKey()');
  return principal;
}
