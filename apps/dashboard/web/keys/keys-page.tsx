import { Button, Group, Stack, Switch, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { Key } from '#libs/keys-contract';
import { ConnectKey } from '../connect/connect-key.js';
import { FALLBACK } from '../focus.js';
import { PlusIcon } from '../icons.js';
import { keyMessages } from './messages.js';
import { CreateKey } from './create-key.js';
import type { KeyAction } from './key-actions.js';
import { KeyActivityDialog } from './key-activity.js';
import { KeyDetailsDialog } from './key-details.js';
import { KeySection } from './key-section.js';
import { LeakedKey } from './leaked-key.js';
import { PauseKey } from './pause-key.js';
import { RevokeKey } from './revoke-key.js';
import { RotateKey } from './rotate-key.js';
import { useCatalogue } from './use-catalogue.js';

type Open = { readonly dialog: 'create' } | { readonly dialog: KeyAction; readonly key: Key };

/** The API keys tab: the lists of keys and the dialogs that act on them. */
export function KeysPage({ gatewayUrl }: { readonly gatewayUrl: string }) {
  const [open, setOpen] = useState<Open>();
  const [showsInactive, setShowsInactive] = useState(false);
  // Read while people look at their keys, so that the form is there at once.
  useCatalogue();
  const create = (): void => setOpen({ dialog: 'create' });
  const act = (dialog: KeyAction, key: Key): void => setOpen({ dialog, key });
  return (
    <Stack gap="xl">
      <Stack gap={4}>
        <Group justify="space-between" wrap="nowrap">
          <Title order={1} size="h2">
            {keyMessages.list.heading}
          </Title>
          <Button leftSection={<PlusIcon />} onClick={create} {...{ [FALLBACK]: true }}>
            {keyMessages.list.create}
          </Button>
        </Group>
        <Text c="dimmed" size="sm" visibleFrom="xs">
          {keyMessages.list.sub}
        </Text>
      </Stack>
      <KeySection state="active" onAction={act} onCreate={create} />
      <KeySection state="paused" onAction={act} isOptional />
      <Switch
        label={keyMessages.list.showInactive}
        checked={showsInactive}
        onChange={({ currentTarget }) => setShowsInactive(currentTarget.checked)}
      />
      {showsInactive && (
        <>
          <KeySection state="expired" onAction={act} />
          <KeySection state="revoked" onAction={act} />
        </>
      )}
      {open && <OpenDialog open={open} gatewayUrl={gatewayUrl} onClose={() => setOpen(undefined)} />}
    </Stack>
  );
}

interface OpenDialogProps {
  readonly open: Open;
  readonly gatewayUrl: string;
  readonly onClose: () => void;
}

function OpenDialog({ open, gatewayUrl, onClose }: OpenDialogProps) {
  switch (open.dialog) {
    case 'create':
      return <CreateKey gatewayUrl={gatewayUrl} onClose={onClose} />;
    case 'details':
      return <KeyDetailsDialog target={open.key} onClose={onClose} />;
    case 'activity':
      return <KeyActivityDialog target={open.key} onClose={onClose} />;
    case 'connect':
      return <ConnectKey target={open.key} gatewayUrl={gatewayUrl} onClose={onClose} />;
    case 'pause':
    case 'resume':
      return <PauseKey target={open.key} action={open.dialog} onClose={onClose} />;
    case 'revoke':
      return <RevokeKey target={open.key} onClose={onClose} />;
    case 'rotate':
      return <RotateKey old={open.key} gatewayUrl={gatewayUrl} onClose={onClose} />;
    case 'leaked':
      return <LeakedKey leaked={open.key} gatewayUrl={gatewayUrl} onClose={onClose} />;
    default:
      return open satisfies never;
  }
}
