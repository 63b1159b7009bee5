import { Button, Group, Stack, Switch, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { FALLBACK } from '../focus.js';
import { PlusIcon } from '../icons.js';
import { keyMessages } from './messages.js';
import { type Open, OpenDialog } from './open-dialog.js';
import { KeySection } from './key-section.js';
import { useCatalogue } from './use-catalogue.js';

/** The API keys tab: the lists of keys and the dialogs that act on them. */
export function KeysPage({ gatewayUrl }: { readonly gatewayUrl: string }) {
  const [open, setOpen] = useState<Open>();
  const [showsInactive, setShowsInactive] = useState(false);
  // Read while people look at their keys, so that the form is there at once.
  useCatalogue();
  const create = (): void => setOpen({ dialog: 'create' });
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
      <KeySection state="active" onAction={(dialog, key) => setOpen({ dialog, key })} onCreate={create} />
      <KeySection state="paused" onAction={(dialog, key) => setOpen({ dialog, key })} isOptional />
      <Switch
        label={keyMessages.list.showInactive}
        checked={showsInactive}
        onChange={({ currentTarget }) => setShowsInactive(currentTarget.checked)}
      />
      {showsInactive && (
        <>
          <KeySection state="expired" onAction={(dialog, key) => setOpen({ dialog, key })} />
          <KeySection state="revoked" onAction={(dialog, key) => setOpen({ dialog, key })} />
        </>
      )}
      {open && <OpenDialog open={open} gatewayUrl={gatewayUrl} onClose={() => setOpen(undefined)} />}
    </Stack>
  );
}
