import { Button, Group, Stack, Text } from '@mantine/core';
import type { Key } from '../../src/contract.js';
import { Dialog } from '../dialog.js';
import { words } from '../messages.js';
import { ActivityList } from './activity-list.js';

/** What a key has done lately, by itself. */
export function KeyActivityDialog({
  target,
  onClose,
}: {
  readonly target: Key;
  readonly onClose: () => void;
}) {
  return (
    <Dialog title={words.activity.heading(target.name)} onClose={onClose}>
      <Stack>
        <Text size="sm">{words.activity.text}</Text>
        <ActivityList keyId={target.id} />
        <Group justify="flex-end">
          <Button onClick={onClose} data-autofocus>
            {words.done}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
