import { Group, Stack, Table } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { Key } from '../../src/contract.js';
import { words } from '../messages.js';
import { KeyActions, type KeyAction } from './key-actions.js';
import { Capabilities, Ends, KeyName, LastUsed, MadeAt } from './key-facts.js';

interface KeyListProps {
  readonly keys: readonly Key[];
  /** Also those that are not shown: one of them may replace one that is. */
  readonly all: readonly Key[];
  readonly onAction: (action: KeyAction, key: Key) => void;
}

/** Keys as a table, and as cards where it is narrow. */
export function KeyList({ keys, all, onAction }: KeyListProps) {
  const isNarrow = useMediaQuery('(max-width: 56em)', false, { getInitialValueInEffect: false });
  const replacementOf = (key: Key): Key | undefined => all.find(({ replaces }) => replaces === key.id);
  const rows = keys.map((key) => ({ key, replacement: replacementOf(key) }));
  if (isNarrow) {
    return (
      <Stack component="ul" m={0} p={0} gap="sm" style={{ listStyle: 'none' }}>
        {rows.map(({ key, replacement }) => (
          <Card key={key.id} target={key} replacement={replacement} onAction={onAction} />
        ))}
      </Stack>
    );
  }
  const { columns } = words.keys;
  return (
    <div className="surface">
      <Table verticalSpacing="md" horizontalSpacing="md">
        <Table.Thead>
          <Table.Tr className="heads">
            <Table.Th>{columns.name}</Table.Th>
            <Table.Th>{columns.capabilities}</Table.Th>
            <Table.Th>{columns.created}</Table.Th>
            <Table.Th>{columns.used}</Table.Th>
            <Table.Th>{columns.ends}</Table.Th>
            <Table.Td />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ key, replacement }) => (
            <Table.Tr key={key.id}>
              <Table.Td>
                <KeyName target={key} replacement={replacement} onAction={onAction} />
              </Table.Td>
              <Table.Td>
                <Capabilities target={key} />
              </Table.Td>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>
                <MadeAt target={key} />
              </Table.Td>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>
                <LastUsed target={key} />
              </Table.Td>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>
                <Ends target={key} />
              </Table.Td>
              <Table.Td w={52}>
                {key.state === 'active' && <KeyActions target={key} onAction={onAction} />}
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

function Card({ target, replacement, onAction }: CardProps) {
  const { columns } = words.keys;
  const facts = [
    [columns.created, <MadeAt key="created" target={target} />],
    [columns.used, <LastUsed key="used" target={target} />],
    [columns.ends, <Ends key="ends" target={target} />],
  ] as const;
  return (
    <Stack component="li" className="surface" p="md" gap="sm">
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <KeyName target={target} replacement={replacement} onAction={onAction} />
        {target.state === 'active' && <KeyActions target={target} onAction={onAction} />}
      </Group>
      <Capabilities target={target} />
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Stack>
  );
}
