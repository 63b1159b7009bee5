import { Button, Stack } from '@mantine/core';
import type { Key } from '#libs/keys-contract';
import { Dialog, DialogFooter } from '../dialog.js';
import { KeyName } from '../keys/key-name.js';
import { messages } from '../messages.js';
import { ConnectPanel } from './connect-panel.js';
import { connectMessages } from './messages.js';

interface ConnectKeyProps {
  readonly target: Key;
  readonly gatewayUrl: string;
  readonly onClose: () => void;
}

/** How to use a key whose text is not known any more. */
export function ConnectKey({ target, gatewayUrl, onClose }: ConnectKeyProps) {
  return (
    <Dialog title={connectMessages.heading} subject={<KeyName target={target} />} onClose={onClose}>
      <Stack>
        <ConnectPanel target={target} gatewayUrl={gatewayUrl} />
        <DialogFooter>
          <Button onClick={onClose} data-autofocus>
            {messages.done}
          </Button>
        </DialogFooter>
      </Stack>
    </Dialog>
  );
}
