import { Button, Group, List, Loader, Stack, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Key, Revocation } from '#libs/keys-contract';
import { revokeKey } from '../api/keys.js';
import { Dialog, DialogFooter } from '../dialog.js';
import { useAction } from '../use-action.js';
import { messages } from '../messages.js';
import { keyMessages } from './messages.js';
import { ActivityList } from './activity-list.js';
import { KeyName } from './key-name.js';
import { KeyShownOnce, confirmUnsaved } from './key-shown-once.js';
import { CreateKeyError } from './create-key-error.js';
import { RevokeError, RevokedNote, RevokingNote } from './revoke-key.js';
import { useReplacement } from './rotate-key.js';
import { refreshKeys } from './use-keys.js';
import { useNewKey } from './use-new-key.js';

interface LeakedKeyProps {
  readonly leaked: Key;
  readonly gatewayUrl: string;
  readonly onClose: () => void;
}

/** After a leak: revokes the key, replaces it, and shows what it was used for. */
export function LeakedKey({ leaked, gatewayUrl, onClose }: LeakedKeyProps) {
  const queries = useQueryClient();
  const [revocation, setRevocation] = useState<Revocation>();
  const [isSaved, setIsSaved] = useState(false);
  const request = useReplacement(leaked);
  const { state: newKey, create, replaceLost } = useNewKey();
  const { state, run } = useAction(async () => {
    setRevocation(await revokeKey(leaked.id, 'leaked'));
    void refreshKeys(queries);
    create(request);
  });

  const isRevoking = state.phase === 'running';
  const isUnsaved = newKey.phase === 'created' && !isSaved;
  return (
    <Dialog
      title={keyMessages.leaked.heading}
      subject={<KeyName target={leaked} />}
      onClose={onClose}
      size="xl"
      isBusy={isRevoking || newKey.phase === 'creating'}
      {...(isUnsaved && { confirmClose: confirmUnsaved })}
    >
      {revocation === undefined ? (
        <Stack>
          <Explanation />
          {isRevoking && <RevokingNote />}
          <DialogFooter error={state.phase === 'failed' && <RevokeError err={state.err} />}>
            <Button variant="default" onClick={onClose} disabled={isRevoking}>
              {messages.cancel}
            </Button>
            <Button color="red" loading={isRevoking} onClick={() => run()} data-autofocus>
              {keyMessages.leaked.submit}
            </Button>
          </DialogFooter>
        </Stack>
      ) : (
        <Stack>
          <RevokedNote revocation={revocation} />
          {newKey.phase === 'creating' && (
            <Group gap="sm" role="status">
              <Loader size="xs" />
              <Text size="sm">{keyMessages.leaked.creating}</Text>
            </Group>
          )}
          {newKey.phase === 'created' && (
            <KeyShownOnce issued={newKey.issued} gatewayUrl={gatewayUrl} onSaved={() => setIsSaved(true)} />
          )}
          <Title order={3} size="h5">
            {keyMessages.leaked.activity}
          </Title>
          <ActivityList keyId={leaked.id} />
          <DialogFooter error={<CreateKeyError state={newKey} onReplaceLost={() => replaceLost(request)} />}>
            {newKey.phase === 'failed' && (
              <Button variant="default" onClick={() => create(request)}>
                {messages.tryAgain}
              </Button>
            )}
            <Button onClick={onClose}>
              {newKey.phase === 'created' ? keyMessages.shown.saved : messages.done}
            </Button>
          </DialogFooter>
        </Stack>
      )}
    </Dialog>
  );
}

function Explanation() {
  return (
    <>
      <Text size="sm">{keyMessages.leaked.text}</Text>
      <List size="sm" spacing={4} type="ordered">
        {keyMessages.leaked.steps.map((step) => (
          <List.Item key={step}>{step}</List.Item>
        ))}
      </List>
      <Text size="sm" className="warning-text">
        {keyMessages.leaked.warning}
      </Text>
    </>
  );
}
