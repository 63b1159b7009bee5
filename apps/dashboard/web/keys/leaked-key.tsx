import { Button, Group, List, Loader, Stack, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Key, Revocation } from '../../src/contract.js';
import { revokeKey } from '../api/keys.js';
import { Dialog } from '../dialog.js';
import { useAction } from '../use-action.js';
import { words } from '../messages.js';
import { ActivityList } from './activity-list.js';
import { KeyShownOnce, unsavedGuard } from './key-shown-once.js';
import { NewKeyTrouble } from './create-key-error.js';
import { RevokeFailure, RevokedNote, RevokingNote } from './revoke-key.js';
import { replacementFor } from './rotate-key.js';
import { refreshKeys } from './use-keys.js';
import { useNewKey } from './use-new-key.js';

interface LeakedKeyProps {
  readonly leaked: Key;
  readonly gatewayUrl: string;
  readonly onClose: () => void;
}

/** After a leak, in one go: revoke, replace, and see what was done with the key. */
export function LeakedKey({ leaked, gatewayUrl, onClose }: LeakedKeyProps) {
  const queries = useQueryClient();
  const [revocation, setRevocation] = useState<Revocation>();
  const [isSaved, setIsSaved] = useState(false);
  const [wanted] = useState(() => replacementFor(leaked, Date.now()));
  const { state: newKey, make, replaceLost } = useNewKey();
  const { state, run } = useAction(async () => {
    setRevocation(await revokeKey(leaked.id, 'leaked'));
    void refreshKeys(queries);
    make(wanted);
  });

  const isRevoking = state.phase === 'running';
  const isUnsaved = newKey.phase === 'made' && !isSaved;
  return (
    <Dialog
      title={words.leaked.heading(leaked.name)}
      onClose={onClose}
      size="xl"
      isBusy={isRevoking || newKey.phase === 'making'}
      {...(isUnsaved && { guard: unsavedGuard })}
    >
      {revocation === undefined ? (
        <Stack>
          <Explanation />
          {isRevoking && <RevokingNote />}
          {state.phase === 'failed' && <RevokeFailure err={state.err} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} disabled={isRevoking}>
              {words.cancel}
            </Button>
            <Button color="red" loading={isRevoking} onClick={() => run()} data-autofocus>
              {words.leaked.submit}
            </Button>
          </Group>
        </Stack>
      ) : (
        <Stack>
          <RevokedNote revocation={revocation} />
          {newKey.phase === 'making' && (
            <Group gap="sm" role="status">
              <Loader size="xs" />
              <Text size="sm">{words.leaked.making}</Text>
            </Group>
          )}
          <NewKeyTrouble state={newKey} onReplaceLost={() => replaceLost(wanted)} />
          {newKey.phase === 'failed' && (
            <Group>
              <Button onClick={() => make(wanted)}>{words.tryAgain}</Button>
            </Group>
          )}
          {newKey.phase === 'made' && (
            <KeyShownOnce issued={newKey.issued} gatewayUrl={gatewayUrl} onSaved={() => setIsSaved(true)} />
          )}
          <Title order={3} size="h5">
            {words.leaked.activity}
          </Title>
          <ActivityList keyId={leaked.id} />
          <Group justify="flex-end">
            <Button onClick={onClose}>{newKey.phase === 'made' ? words.shown.saved : words.done}</Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  );
}

function Explanation() {
  return (
    <>
      <Text size="sm">{words.leaked.text}</Text>
      <List size="sm" spacing={4} type="ordered">
        {words.leaked.steps.map((step) => (
          <List.Item key={step}>{step}</List.Item>
        ))}
      </List>
      <Text size="sm" className="warning-text">
        {words.leaked.warning}
      </Text>
    </>
  );
}
