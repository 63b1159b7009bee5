import { Alert, Box, Center, Divider, Group, Stack, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Session } from '../../src/contract.js';
import { KeyIcon } from '../icons.js';
import type { Route } from '../route.js';
import { SESSION } from '../session/use-session.js';
import { SchemeSwitch } from '../settings/scheme-switch.js';
import { signInMessages } from './messages.js';
import { PasswordForm } from './password-form.js';
import { ProviderButtons } from './provider-buttons.js';

/** `/sign-in`, with the ways to sign in that are set up. */
export function SignInPage({ session, route }: { readonly session: Session; readonly route: Route }) {
  const [isNew, setIsNew] = useState(false);
  const queries = useQueryClient();
  const closes = route.page === 'sign-in' && route.closesAfterwards;
  const isDone = closes && session.user !== null;
  useEffect(() => {
    // Browsers close only tabs that a script has opened. Elsewhere the alert below says what to do.
    if (isDone) window.close();
  }, [isDone]);

  const { password, providers } = session.signIn;
  return (
    <Center component="main" mih="100dvh" p="md">
      <Box pos="absolute" top={12} right={12}>
        <SchemeSwitch />
      </Box>
      <Stack w="100%" maw={400} gap="lg">
        <Stack gap={6} align="center" ta="center">
          <span className="logo">
            <KeyIcon />
          </span>
          <Title order={1} size="h3" mt={6}>
            {isNew ? signInMessages.newHeading : signInMessages.heading(session.title)}
          </Title>
          <Text c="dimmed" size="sm" className="balanced">
            {signInMessages.sub}
          </Text>
        </Stack>
        {isDone ? (
          <Alert color="green">{signInMessages.signedInClose}</Alert>
        ) : (
          <Stack className="surface" p="lg">
            {route.page === 'sign-in' && route.error !== undefined && (
              <Alert color="red" role="alert">
                {signInMessages.returned[route.error]}
              </Alert>
            )}
            {!password && providers.length === 0 && <Alert color="yellow">{signInMessages.notSetUp}</Alert>}
            <ProviderButtons providers={providers} closesAfterwards={closes} />
            {password && providers.length > 0 && <Divider label={signInMessages.or} />}
            {password && (
              <PasswordForm
                isNew={isNew}
                onSwitch={() => setIsNew(!isNew)}
                onSignedIn={() => queries.invalidateQueries({ queryKey: SESSION })}
              />
            )}
          </Stack>
        )}
        {password && !isDone && (
          <Group justify="center">
            <Text size="xs" c="dimmed" ta="center" className="balanced">
              {signInMessages.localOnly}
            </Text>
          </Group>
        )}
      </Stack>
    </Center>
  );
}
