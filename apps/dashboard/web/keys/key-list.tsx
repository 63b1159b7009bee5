import { Stack, Table } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { Key } from '#libs/keys-contract';
import { keyMessages } from './messages.js';
import { KeyActions, type KeyAction } from './key-actions.js';
import { Capabilities, ExpiresAt, KeyCell, LastUsed, CreatedAt } from './key-fields.js';

interface KeyListProps {
  readonly keys: readonly Key[];
  /** Includes keys that are filtered out: one of them may replace one that is shown. */
  readonly all: readonly Key[];
  readonly onAction: (action: KeyAction, key: Key) => void;
}

/** Keys as a table, or as cards on narrow screens. */
export function KeyList({ keys, all, onAction }: KeyListProps) {
  const isNarrow = useMediaQuery('(max-width: 56em)', false, { getInitialValueInEffect: false });
  const replacementOf = (key: Key): Key | undefined => all.find(({ replaces }) => replaces === key.id);
  const rows = keys.map((key) => ({ key, replacement: replacementOf(key) }));
  if (isNarrow) {
    return (
      <Stack component="ul" m={0} p={0} gap="xs" style={{ listStyle: 'none' }}>
        {rows.map(({ key, replacement }) => (
          <Card key={key.id} target={key} replacement={replacement} onAction={onAction} />
        ))}
      </Stack>
    );
  }
  const { columns } = keyMessages.list;
  return (
    <div className="surface">
      <Table verticalSpacing="md" horizontalSpacing="md">
        <Table.Thead>
          <Table.Tr className="table-head">
            <Table.Th w="28%">{columns.name}</Table.Th>
            <Table.Th>{columns.capabilities}</Table.Th>
            <Table.Th w={100}>{columns.created}</Table.Th>
            <Table.Th w={100}>{columns.used}</Table.Th>
            <Table.Th w={130}>{columns.expires}</Table.Th>
            <Table.Td />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ key, replacement }) => (
            <Table.Tr key={key.id}>
              <Table.Td>
                <KeyCell target={key} replacement={replacement} onAction={onAction} />
              </Table.Td>
              <Table.Td>
                <Capabilities target={key} />
              </Table.Td>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>
                <CreatedAt target={key} />
              </Table.Td>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>
                <LastUsed target={key} />
              </Table.Td>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>
                <ExpiresAt target={key} />
              </Table.Td>
              <Table.Td w={52}>
                <KeyActions target={key} onAction={onAction} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

interface CardProps {
  readonly target: Key;
  readonly replacement: Key | undefined;
  readonly onAction: (action: KeyAction, key: Key) => void;
}

/** As low as it can be, so that many keys fit on a phone. */
function Card({ target, replacement, onAction }: CardProps) {
  const { columns } = keyMessages.list;
  return (
    <Stack component="li" className="surface key-card" p={10} gap={4}>
      <KeyCell target={target} replacement={replacement} onAction={onAction} isNarrow />
      <div className="key-card-actions">
        <KeyActions target={target} onAction={onAction} />
      </div>
      <Capabilities target={target} />
      <dl className="key-times">
        <div>
          <dt>{keyMessages.list.used}</dt>
          <dd>
            <LastUsed target={target} />
          </dd>
        </div>
        <div>
          {target.revokedAt === null && <dt>{columns.expires}</dt>}
          <dd>
            <ExpiresAt target={target} />
          </dd>
        </div>
      </dl>
    </Stack>
  );
}
