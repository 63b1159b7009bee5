import { useSyncExternalStore } from 'react';

/** The page has three places; a library would be larger than they are. */
export type Place =
  | { readonly page: 'sign-in'; readonly error: string | undefined; readonly closesAfterwards: boolean }
  | { readonly page: 'settings'; readonly tab: Tab }
  | { readonly page: 'start' };

/** The tabs of the settings, as they stand in the address. */
export const TABS = ['apiKeys', 'profile'] as const;
export type Tab = (typeof TABS)[number];

export const SIGN_IN = '/sign-in';
/** The sign-in that somebody opens beside their work; see session/session-ended. */
export const SIGN_IN_AGAIN = '/sign-in?then=close';
export const API_KEYS = '/settings?tab=apiKeys';

/** Where the person is. */
export function useRoute(): Place {
  return placeOf(new URL(useSyncExternalStore(subscribe, () => window.location.href)));
}

/** Goes to a path of this page; `replace` leaves no way back to where one was. */
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

function placeOf({ pathname, searchParams }: URL): Place {
  if (pathname === SIGN_IN) {
    const error = searchParams.get('error') ?? undefined;
    return { page: 'sign-in', error, closesAfterwards: searchParams.get('then') === 'close' };
  }
  if (pathname === '/settings') {
    return { page: 'settings', tab: TABS.find((tab) => tab === searchParams.get('tab')) ?? 'apiKeys' };
  }
  return { page: 'start' };
}
