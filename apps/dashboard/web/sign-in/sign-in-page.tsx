import { Alert, Box, Center, Divider, Group, Stack, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Session } from '../../src/contract.js';
import { KeyIcon } from '../icons.js';
import type { Place } from '../route.js';
import { SESSION } from '../session/use-session.js';
import { SchemeSwitch } from '../settings/scheme-switch.js';
import { words } from '../messages.js';
import { PasswordForm } from './password-form.js';
import { ProviderButtons } from './provider-buttons.js';

/** `/sign-in`: the ways in that this deployment has. */
export function SignInPage({ session, place }: { readonly session: Session; readonly place: Place }) {
  const [isNew, setIsNew] = useState(false);
  const queries = useQueryClient();
  const closes = place.page === 'sign-in' && place.closesAfterwards;
  const isDone = closes && session.user !== null;
  useEffect(() => {
    // A browser closes only what a script has opened. Where it does not, a sentence says what to do.
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
          <span className="mark">
            <KeyIcon />
          </span>
          <Title order={1} size="h3" mt={6}>
            {isNew ? words.signIn.newHeading : words.signIn.heading}
          </Title>
          <Text c="dimmed" size="sm">
            {words.signIn.sub}
          </Text>
        </Stack>
        {isDone ? (
          <Alert color="green">{words.signIn.signedInClose}</Alert>
        ) : (
          <Stack className="surface" p="lg">
            {place.page === 'sign-in' && place.error !== undefined && (
              <Alert color="red">{returnedWith(place.error)}</Alert>
            )}
            {!password && providers.length === 0 && <Alert color="yellow">{words.signIn.noWay}</Alert>}
            <ProviderButtons providers={providers} closesAfterwards={closes} />
            {password && providers.length > 0 && <Divider label={words.signIn.or} />}
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
            <Text size="xs" c="dimmed" ta="center">
              {words.signIn.trial}
            </Text>
          </Group>
        )}
      </Stack>
    </Center>
  );
}

/** What a provider came back with. Only known words are said again: anybody can write an address. */
function returnedWith(error: string): string {
  const known = Object.entries(words.signIn.returned).find(([code]) => code === error);
  return known?.[1] ?? words.signIn.returnedOtherwise;
}
