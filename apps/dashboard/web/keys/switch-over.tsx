import { Button, Stack, Text } from '@mantine/core';
import type { Key } from '#libs/keys-contract';
import { DialogFooter } from '../dialog.js';
import { Ago } from '../time/ago.js';
import { keyMessages } from './messages.js';
import { LastUsed } from './key-fields.js';

interface SwitchOverProps {
  readonly old: Key;
  readonly newKey: Key;
  readonly onLater: () => void;
  readonly onRetire: () => void;
}

/** Both keys side by side, to watch the traffic move from the old one to the new one. */
export function SwitchOver({ old, newKey, onLater, onRetire }: SwitchOverProps) {
  return (
    <>
      <Text size="sm">{keyMessages.rotate.switchText}</Text>
      <div className="pair">
        <Side title={keyMessages.rotate.oldKey} target={old} />
        <Side title={keyMessages.rotate.newKey} target={newKey} />
      </div>
      <Text size="sm" role="status">
        {describeTraffic(old, newKey)}
      </Text>
      <DialogFooter hint={keyMessages.rotate.laterHint}>
        <Button variant="default" onClick={onLater}>
          {keyMessages.rotate.later}
        </Button>
        <Button onClick={onRetire}>{keyMessages.rotate.retire}</Button>
      </DialogFooter>
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
        {keyMessages.rotate.used}: <LastUsed target={target} never={keyMessages.rotate.neverUsed} />
      </Text>
      {target.expiresAt !== null && (
        <Text size="sm" component="div">
          {keyMessages.rotate.expires}: <Ago at={target.expiresAt} />
        </Text>
      )}
    </Stack>
  );
}

/** Gateways report use every 20 seconds, so times closer together than two reports cannot be ordered. */
const ACCURACY_MS = 40_000;

function describeTraffic(old: Key, newKey: Key): string {
  if (newKey.lastUsedAt === null) return keyMessages.rotate.waitForNew;
  if (old.lastUsedAt === null || Date.parse(newKey.lastUsedAt) - Date.parse(old.lastUsedAt) > ACCURACY_MS) {
    return keyMessages.rotate.moved;
  }
  return keyMessages.rotate.both;
}
