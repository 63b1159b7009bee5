import { Stack, Table, Text, Title } from '@mantine/core';
import type { User } from '../../src/contract.js';
import { settingsMessages } from './messages.js';

/** The user as the API sees them, read-only. */
export function Profile({ user }: { readonly user: User }) {
  const { profile } = settingsMessages;
  const rows = [
    [profile.email, user.emailVerified ? user.email : profile.notVerified(user.email)],
    [profile.role, user.role],
    [profile.tier, user.tier],
    [profile.id, user.id],
  ] as const;
  return (
    <Stack>
      <div>
        <Title order={1} size="h2">
          {profile.heading}
        </Title>
        <Text c="dimmed" size="sm" mt={4}>
          {profile.sub}
        </Text>
      </div>
      <div className="surface">
        <Table verticalSpacing="sm" horizontalSpacing="md" variant="vertical">
          <Table.Tbody>
            {rows.map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" w={{ base: 96, sm: 160 }}>
                  {name}
                </Table.Th>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </Stack>
  );
}
