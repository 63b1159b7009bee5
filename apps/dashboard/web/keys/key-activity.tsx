import { Button, Stack, Text } from '@mantine/core';
import type { Key } from '#libs/keys-contract';
import { Dialog, DialogFooter } from '../dialog.js';
import { messages } from '../messages.js';
import { keyMessages } from './messages.js';
import { ActivityList } from './activity-list.js';
import { KeyName } from './key-name.js';

/** A key's recent requests in a dialog of their own. */
export function KeyActivityDialog({
  target,
  onClose,
}: {
  readonly target: Key;
  readonly onClose: () => void;
}) {
  return (
    <Dialog title={keyMessages.activity.heading} subject={<KeyName target={target} />} onClose={onClose}>
      <Stack>
        <Text size="sm">{keyMessages.activity.text}</Text>
        <ActivityList keyId={target.id} />
        <DialogFooter>
          <Button onClick={onClose} data-autofocus>
            {messages.done}
          </Button>
        </DialogFooter>
      </Stack>
    </Dialog>
  );
}
