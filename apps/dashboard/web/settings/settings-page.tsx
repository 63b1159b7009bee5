import { Container, Tabs } from '@mantine/core';
import type { Session, User } from '../../src/contract.js';
import { AuditPage } from '../audit/audit-page.js';
import { KeyPage } from '../keys/key-page.js';
import { KeysPage } from '../keys/keys-page.js';
import { TABS, type Tab, go } from '../route.js';
import { SessionEnded } from '../session/session-ended.js';
import { messages } from '../messages.js';
import { settingsMessages } from './messages.js';
import { Header } from './header.js';
import { Profile } from './profile.js';

interface SettingsPageProps {
  readonly session: Session;
  readonly user: User;
  readonly tab: Tab;
  /** The key whose page is open. */
  readonly keyId: string | undefined;
}

/** `/settings`, with its tabs. */
export function SettingsPage({ session, user, tab, keyId }: SettingsPageProps) {
  return (
    <>
      <Header title={session.title} user={user} />
      <Container component="main" size={1160} px="md" pt="md" pb={80}>
        <Tabs value={tab} onChange={(to) => go(`/settings?tab=${to ?? 'apiKeys'}`)} keepMounted={false}>
          <Tabs.List aria-label={settingsMessages.menu.settings} mb="xl">
            {TABS.map((name) => (
              <Tabs.Tab key={name} value={name}>
                {messages.title[name]}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value="apiKeys">
            {keyId === undefined ? (
              <KeysPage gatewayUrl={session.gatewayUrl} />
            ) : (
              <KeyPage key={keyId} keyId={keyId} gatewayUrl={session.gatewayUrl} />
            )}
          </Tabs.Panel>
          <Tabs.Panel value="auditLog">
            <AuditPage providers={session.signIn.providers} />
          </Tabs.Panel>
          <Tabs.Panel value="profile">
            <Profile user={user} />
          </Tabs.Panel>
        </Tabs>
      </Container>
      <SessionEnded userId={user.id} />
    </>
  );
}
