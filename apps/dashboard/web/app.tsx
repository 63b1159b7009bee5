import { Center, Container, Loader } from '@mantine/core';
import { useEffect } from 'react';
import { Failure } from './failure.js';
import { API_KEYS, SIGN_IN, go, usePlace } from './route.js';
import { SessionEnded } from './session/session-ended.js';
import { useSession } from './session/use-session.js';
import { SettingsPage } from './settings/settings-page.js';
import { SignInPage } from './sign-in/sign-in-page.js';
import { words } from './words.js';

/** Which page it is, by the address and by whether somebody is signed in. */
export function App() {
  const place = usePlace();
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
    return (
      <Center component="main" mih="100dvh">
        <Loader aria-label={words.loading} role="status" />
      </Center>
    );
  }
  if (place.page !== 'settings' || user === undefined) return <SignInPage session={session} place={place} />;
  return (
    <>
      <SettingsPage session={session} user={user} tab={place.tab} />
      <SessionEnded userId={user.id} />
    </>
  );
}

/** Where somebody has to be sent, if not where they are. */
function targetOf(page: 'sign-in' | 'settings' | 'start', isSignedIn: boolean): string | undefined {
  if (isSignedIn) return page === 'settings' ? undefined : API_KEYS;
  return page === 'sign-in' ? undefined : SIGN_IN;
}
