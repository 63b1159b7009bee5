import { Avatar, Button, Container, Group, Menu, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import type { User } from '../../src/contract.js';
import { signOut } from '../api/sign-in.js';
import { ActionAlert, describeError } from '../error-alert.js';
import { ExitIcon, KeyIcon } from '../icons.js';
import { SIGN_IN } from '../route.js';
import { useAction } from '../use-action.js';
import { messages } from '../messages.js';
import { settingsMessages } from './messages.js';
import { SchemeSwitch } from './scheme-switch.js';

interface HeaderProps {
  readonly title: string | null;
  readonly user: User;
}

/** The product's name and the account menu. */
export function Header({ title, user }: HeaderProps) {
  const queries = useQueryClient();
  const { state, run } = useAction(async () => {
    await signOut();
    queries.clear();
    // A full page load, so that nothing of this user stays in memory.
    window.location.assign(SIGN_IN);
  });
  return (
    <header className="header">
      <Container size={1160} px="md">
        <Group h={56} justify="space-between" wrap="nowrap">
          <Group gap={10} wrap="nowrap">
            <span className="logo">
              <KeyIcon />
            </span>
            <Text fw={650}>{title ?? messages.product}</Text>
          </Group>
          <Group gap={6} wrap="nowrap">
            <SchemeSwitch />
            <Menu withInitialFocusPlaceholder={false} position="bottom-end" width={240}>
              <Menu.Target>
                <UnstyledButton style={{ borderRadius: '50%' }}>
                  <Avatar src={user.image} name={user.name} alt="" size={32} color="indigo" />
                  <VisuallyHidden>{settingsMessages.menu.account}</VisuallyHidden>
                </UnstyledButton>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Label>
                  <Text size="sm" fw={600} c="var(--mantine-color-text)" truncate>
                    {user.name}
                  </Text>
                  <Text size="xs" truncate>
                    {user.email}
                  </Text>
                </Menu.Label>
                <Menu.Divider />
                <Menu.Item leftSection={<ExitIcon />} onClick={() => run()}>
                  {settingsMessages.menu.signOut}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </Group>
        </Group>
      </Container>
      {state.phase === 'failed' && (
        <Container size={1160} px="md" pb="sm">
          <ActionAlert color="red" title={settingsMessages.signOutFailed}>
            {describeError(state.err).text} {settingsMessages.stillSignedIn}
            <Group mt="sm">
              <Button size="xs" variant="default" onClick={() => run()}>
                {messages.tryAgain}
              </Button>
            </Group>
          </ActionAlert>
        </Container>
      )}
    </header>
  );
}
