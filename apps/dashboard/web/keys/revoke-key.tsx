import { Alert, Button, Group, Loader, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useEffect, useState } from 'react';
import type { Key, Revocation } from '../../src/contract.js';
import { NetworkError } from '../api/call.js';
import { revokeKey } from '../api/keys.js';
import { Dialog } from '../dialog.js';
import { Failure } from '../failure.js';
import { Ago } from '../time/ago.js';
import { useAction } from '../use-action.js';
import { words } from '../messages.js';
import { refreshKeys } from './use-keys.js';

const RECENT_MS = 86_400_000;

/** Revokes a key, after saying what that does; the name of one that is in use has to be typed. */
export function RevokeKey({ target, onClose }: { readonly target: Key; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [typed, setTyped] = useState('');
  const [revocation, setRevocation] = useState<Revocation>();
  const [openedAt] = useState(() => Date.now());
  const { state, run } = useAction(async () => {
    setRevocation(await revokeKey(target.id));
    void refreshKeys(queries);
  });

  const isRecent = target.lastUsedAt !== null && openedAt - Date.parse(target.lastUsedAt) < RECENT_MS;
  const isConfirmed = !isRecent || typed.trim() === target.name;
  const isRunning = state.phase === 'running';
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (isConfirmed) run();
  };
  return (
    <Dialog title={words.revoke.heading(target.name)} onClose={onClose} isBusy={isRunning} size="md">
      {revocation ? (
        <Stack>
          <RevokedNote revocation={revocation} />
          <Group justify="flex-end">
            <Button onClick={onClose} autoFocus>
              {words.done}
            </Button>
          </Group>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack>
            <Text size="sm">{words.revoke.text}</Text>
            <UsedNote target={target} isRecent={isRecent} />
            {isRecent && (
              <TextInput
                label={words.revoke.type(target.name)}
                value={typed}
                onChange={({ currentTarget }) => setTyped(currentTarget.value)}
                autoComplete="off"
                data-autofocus
              />
            )}
            {isRunning && <RevokingNote />}
            {state.phase === 'failed' && <RevokeFailure err={state.err} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose} disabled={isRunning}>
                {words.cancel}
              </Button>
              <Button type="submit" color="red" disabled={!isConfirmed} loading={isRunning}>
                {words.revoke.submit}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  );
}

function UsedNote({ target, isRecent }: { readonly target: Key; readonly isRecent: boolean }) {
  if (target.lastUsedAt === null) return <Text size="sm">{words.revoke.neverUsed}</Text>;
  return (
    <Text size="sm" {...(isRecent && { className: 'warning-text' })}>
      {words.revoke.lastUsed} <Ago at={target.lastUsedAt} />. {isRecent && words.revoke.inUse}
    </Text>
  );
}

/** That it is revoked, and who has confirmed. */
export function RevokedNote({ revocation }: { readonly revocation: Revocation }) {
  return (
    <Alert color="green" role="status">
      {words.revoked(revocation)}
    </Alert>
  );
}

/** That the gateways are waited for; after a while, why. */
export function RevokingNote() {
  const [isLong, setIsLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsLong(true), 1_500);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Group gap="sm" wrap="nowrap" role="status">
      <Loader size="xs" />
      <Text size="sm">{isLong ? words.revoke.waitingLong : words.revoke.waiting}</Text>
    </Group>
  );
}

/** A lost answer says nothing about whether the key is revoked. */
export function RevokeFailure({ err }: { readonly err: unknown }) {
  if (!(err instanceof NetworkError)) return <Failure err={err} />;
  return (
    <Alert color="red" title={words.failure.lost} role="alert">
      {words.revoke.lostText}
    </Alert>
  );
}
