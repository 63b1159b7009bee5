import { Anchor, Center, Container, Loader, Stack, Text, Title } from '@mantine/core';
import { Suspense, lazy, useEffect } from 'react';
import { ErrorAlert } from './error-alert.js';
import { API_KEYS, type Route, SIGN_IN, go, useRoute } from './route.js';
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
    const pageTitle = titleOf(route);
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
  if (route.page === 'not-found') return <NotFound />;
  if (route.page !== 'settings' || user === undefined) return <SignInPage session={session} route={route} />;
  return (
    <Suspense fallback={<Loading />}>
      <SettingsPage session={session} user={user} tab={route.tab} keyId={route.keyId} />
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

function NotFound() {
  return (
    <Center component="main" mih="100dvh" p="md">
      <Stack align="center" ta="center" gap="xs">
        <Title order={1} size="h3">
          {messages.notFound}
        </Title>
        <Text c="dimmed" size="sm">
          {messages.notFoundText}
        </Text>
        <Anchor href={API_KEYS} mt="sm">
          {messages.toKeys}
        </Anchor>
      </Stack>
    </Center>
  );
}

function titleOf(route: Route): string {
  const { title } = messages;
  if (route.page === 'settings') return title[route.tab];
  return route.page === 'not-found' ? messages.notFound : title.signIn;
}

/** Where to redirect; undefined to stay. */
function redirectFor(page: Route['page'], isSignedIn: boolean): string | undefined {
  if (page === 'not-found') return undefined;
  if (isSignedIn) return page === 'settings' ? undefined : API_KEYS;
  return page === 'sign-in' ? undefined : SIGN_IN;
}
