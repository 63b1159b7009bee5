import { useSyncExternalStore } from 'react';

/** Three routes do not need a routing library. */
export type Route =
  | { readonly page: 'sign-in'; readonly error: string | undefined; readonly closesAfterwards: boolean }
  | { readonly page: 'settings'; readonly tab: Tab }
  | { readonly page: 'start' };

/** The tabs of the settings page, as named in its URL. */
export const TABS = ['apiKeys', 'profile'] as const;
export type Tab = (typeof TABS)[number];

export const SIGN_IN = '/sign-in';
/** Sign-in in a second tab, which closes afterwards: see session/session-ended.tsx. */
export const SIGN_IN_AGAIN = '/sign-in?then=close';
export const API_KEYS = '/settings?tab=apiKeys';

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
    const error = searchParams.get('error') ?? undefined;
    return { page: 'sign-in', error, closesAfterwards: searchParams.get('then') === 'close' };
  }
  if (pathname === '/settings') {
    return { page: 'settings', tab: TABS.find((tab) => tab === searchParams.get('tab')) ?? 'apiKeys' };
  }
  return { page: 'start' };
}
