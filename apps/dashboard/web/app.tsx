import { Center, Container, Loader } from '@mantine/core';
import { Suspense, lazy, useEffect } from 'react';
import { ErrorAlert } from './error-alert.js';
import { API_KEYS, SIGN_IN, go, useRoute } from './route.js';
import { useSession } from './session/use-session.js';
import { SignInPage } from './sign-in/sign-in-page.js';
import { messages } from './messages.js';

/** Most of the script, loaded separately so that the sign-in page does not wait for it. */
const loadSettings = () => import('./settings/settings-page.js');
const SettingsPage = lazy(async () => ({ default: (await loadSettings()).SettingsPage }));

/** Chooses the page by the URL and by whether the user is signed in. */
export function App() {
  const route = useRoute();
  const { data: session, error, refetch } = useSession();
  const user = session?.user ?? undefined;
  const product = session?.title ?? null;
  const redirect = session === undefined ? undefined : redirectFor(route.page, user !== undefined);
  const staysToClose = route.page === 'sign-in' && route.closesAfterwards;

  useEffect(() => {
    if (redirect !== undefined && !staysToClose) go(redirect, { replace: true });
  }, [redirect, staysToClose]);
  useEffect(() => {
    const { title } = messages;
    const pageTitle = route.page === 'settings' ? title[route.tab] : title.signIn;
    document.title = product === null ? pageTitle : `${pageTitle} · ${product}`;
  }, [route, product]);

  if (error && session === undefined) {
    return (
      <Container component="main" size="xs" pt={80}>
        <ErrorAlert err={error} onRetry={() => void refetch()} />
      </Container>
    );
  }
  if (session === undefined || (redirect !== undefined && !staysToClose)) {
    return <Loading />;
  }
  if (route.page !== 'settings' || user === undefined) return <SignInPage session={session} route={route} />;
  return (
    <Suspense fallback={<Loading />}>
      <SettingsPage session={session} user={user} tab={route.tab} />
    </Suspense>
  );
}

function Loading() {
  return (
    <Center component="main" mih="100dvh">
      <Loader aria-label={messages.loading} role="status" />
    </Center>
  );
}

/** Where to redirect; undefined to stay. */
function redirectFor(page: 'sign-in' | 'settings' | 'start', isSignedIn: boolean): string | undefined {
  if (isSignedIn) return page === 'settings' ? undefined : API_KEYS;
  return page === 'sign-in' ? undefined : SIGN_IN;
}
