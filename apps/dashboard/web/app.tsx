import { Center, Container, Loader } from '@mantine/core';
import { Suspense, lazy, useEffect } from 'react';
import { Failure } from './failure.js';
import { API_KEYS, SIGN_IN, go, useRoute } from './route.js';
import { useSession } from './session/use-session.js';
import { SignInPage } from './sign-in/sign-in-page.js';
import { words } from './messages.js';

/** Most of the page, which who signs in must not wait for. */
const loadSettings = () => import('./settings/settings-page.js');
const SettingsPage = lazy(async () => ({ default: (await loadSettings()).SettingsPage }));

/** Which page it is, by the address and by whether somebody is signed in. */
export function App() {
  const place = useRoute();
  const { data: session, error, refetch } = useSession();
  const user = session?.user ?? undefined;
  const target = session === undefined ? undefined : targetOf(place.page, user !== undefined);
  const staysToClose = place.page === 'sign-in' && place.closesAfterwards;

  useEffect(() => {
    if (target !== undefined && !staysToClose) go(target, { replace: true });
  }, [target, staysToClose]);
  useEffect(() => {
    const { title } = words;
    const here = place.page === 'settings' ? title[place.tab] : title.signIn;
    document.title = `${here} · ${words.product}`;
  }, [place]);

  if (error && session === undefined) {
    return (
      <Container component="main" size="xs" pt={80}>
        <Failure err={error} title={words.session.failed} onRetry={() => void refetch()} />
      </Container>
    );
  }
  if (session === undefined || (target !== undefined && !staysToClose)) {
    return <Loading />;
  }
  if (place.page !== 'settings' || user === undefined) return <SignInPage session={session} place={place} />;
  return (
    <Suspense fallback={<Loading />}>
      <SettingsPage session={session} user={user} tab={place.tab} />
    </Suspense>
  );
}

function Loading() {
  return (
    <Center component="main" mih="100dvh">
      <Loader aria-label={words.loading} role="status" />
    </Center>
  );
}

/** Where somebody has to be sent, if not where they are. */
function targetOf(page: 'sign-in' | 'settings' | 'start', isSignedIn: boolean): string | undefined {
  if (isSignedIn) return page === 'settings' ? undefined : API_KEYS;
  return page === 'sign-in' ? undefined : SIGN_IN;
}
