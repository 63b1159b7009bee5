import { type MouseEvent, useSyncExternalStore } from 'react';
import { SIGN_IN_ERRORS, type SignInError } from '../src/contract.js';

/** Four routes do not need a routing library. */
export type Route =
  | { readonly page: 'sign-in'; readonly error: SignInError | undefined; readonly closesAfterwards: boolean }
  | { readonly page: 'settings'; readonly tab: Tab; readonly keyId: string | undefined }
  | { readonly page: 'start' }
  | { readonly page: 'not-found' };

/** The tabs of the settings page, as named in its URL. */
export const TABS = ['apiKeys', 'auditLog', 'profile'] as const;
export type Tab = (typeof TABS)[number];

export const SIGN_IN = '/sign-in';
/** Sign-in in a second tab, which closes afterwards: see session/session-ended.tsx. */
export const SIGN_IN_AGAIN = '/sign-in?then=close';
export const API_KEYS = '/settings?tab=apiKeys';
/** The path of a key's own page. */
export function keyPath(keyId: string): string {
  return `/settings/keys/${keyId}`;
}

const KEY_PAGE = /^\/settings\/keys\/(\w+)$/;

/** Where providers send browsers back: a path of the backend. */
const CALLBACK = '/api/auth/callback/';

/** The current route. */
export function useRoute(): Route {
  return parseRoute(new URL(useSyncExternalStore(subscribe, () => window.location.href)));
}

/** Navigates to a path; with `replace`, the current one is dropped from the history. */
export function go(path: string, { replace = false } = {}): void {
  if (replace) window.history.replaceState(null, '', path);
  else window.history.pushState(null, '', path);
  window.dispatchEvent(new Event(MOVED));
}

/** The properties of a link within the page. With a modifier key, browsers open it elsewhere, as any other. */
export function linkTo(path: string) {
  return {
    href: path,
    onClick: (event: MouseEvent): void => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      go(path);
    },
  };
}

const MOVED = 'moved';

function subscribe(changed: () => void): () => void {
  window.addEventListener(MOVED, changed);
  window.addEventListener('popstate', changed);
  return () => {
    window.removeEventListener(MOVED, changed);
    window.removeEventListener('popstate', changed);
  };
}

function parseRoute({ pathname, searchParams }: URL): Route {
  if (pathname === SIGN_IN) {
    const closesAfterwards = searchParams.get('then') === 'close';
    return { page: 'sign-in', error: readError(searchParams.get('error')), closesAfterwards };
  }
  if (pathname === '/settings') {
    const tab = TABS.find((tab) => tab === searchParams.get('tab')) ?? 'apiKeys';
    return { page: 'settings', tab, keyId: undefined };
  }
  const keyId = KEY_PAGE.exec(pathname)?.[1];
  if (keyId !== undefined) return { page: 'settings', tab: 'apiKeys', keyId };
  // The backend refused what a provider has sent back.
  if (pathname.startsWith(CALLBACK)) return { page: 'sign-in', error: 'failed', closesAfterwards: false };
  return { page: pathname === '/' ? 'start' : 'not-found' };
}

/** The URL itself is never repeated, since anybody can write one. */
function readError(error: string | null): SignInError | undefined {
  return error === null ? undefined : (SIGN_IN_ERRORS.find((known) => known === error) ?? 'failed');
}
