import { Button, Group, Stack, Text } from '@mantine/core';
import type { Key } from '../../src/contract.js';
import { Ago } from '../time/ago.js';
import { words } from '../messages.js';
import { LastUsed } from './key-facts.js';

interface SwitchOverProps {
  readonly old: Key;
  readonly fresh: Key;
  readonly onLater: () => void;
  readonly onRetire: () => void;
}

/** Both keys side by side, so that one sees the traffic move from the one to the other. */
export function SwitchOver({ old, fresh, onLater, onRetire }: SwitchOverProps) {
  return (
    <>
      <Text size="sm">{words.rotate.switchText}</Text>
      <div className="pair">
        <Side title={words.rotate.oldKey} target={old} />
        <Side title={words.rotate.newKey} target={fresh} />
      </div>
      <Text size="sm" role="status">
        {whereTrafficIs(old, fresh)}
      </Text>
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          {words.rotate.laterHint}
        </Text>
        <Group gap="xs">
          <Button variant="default" onClick={onLater}>
            {words.rotate.later}
          </Button>
          <Button onClick={onRetire}>{words.rotate.retire}</Button>
        </Group>
      </Group>
    </>
  );
}

function Side({ title, target }: { readonly title: string; readonly target: Key }) {
  return (
    <Stack className="well" p="sm" gap={4} role="group" aria-label={title}>
      <Text size="xs" fw={600} c="dimmed">
        {title}
      </Text>
      <Text component="code" className="key-text" fz={12}>
        {target.publicPart}…{target.last4}
      </Text>
      <Text size="sm" component="div">
        {words.rotate.used}: <LastUsed target={target} never={words.rotate.neverUsed} />
      </Text>
      {target.expiresAt !== null && (
        <Text size="sm" component="div">
          {words.rotate.ends}: <Ago at={target.expiresAt} />
        </Text>
      )}
    </Stack>
  );
}

/** Uses are noted every 20 seconds: what lies closer together than two of those says nothing. */
const BLUR_MS = 40_000;

function whereTrafficIs(old: Key, fresh: Key): string {
  if (fresh.lastUsedAt === null) return words.rotate.waitForNew;
  if (old.lastUsedAt === null || Date.parse(fresh.lastUsedAt) - Date.parse(old.lastUsedAt) > BLUR_MS) {
    return words.rotate.moved;
  }
  return words.rotate.both;
}
