import { Alert, Button, Group, Loader, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useEffect, useState } from 'react';
import type { Key, Revocation } from '#libs/keys-contract';
import { NetworkError } from '../api/call.js';
import { revokeKey } from '../api/keys.js';
import { Dialog, DialogFooter } from '../dialog.js';
import { ErrorAlert } from '../error-alert.js';
import { Ago } from '../time/ago.js';
import { useAction } from '../use-action.js';
import { messages } from '../messages.js';
import { keyMessages } from './messages.js';
import { describePropagation } from './describe-propagation.js';
import { refreshKeys } from './use-keys.js';

const RECENT_MS = 86_400_000;

/** Explains what revoking does, then revokes. For a key in use, its name must be typed first. */
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
    <Dialog title={keyMessages.revoke.heading(target.name)} onClose={onClose} isBusy={isRunning} size="md">
      {revocation ? (
        <Stack>
          <RevokedNote revocation={revocation} />
          <DialogFooter>
            <Button onClick={onClose} autoFocus>
              {messages.done}
            </Button>
          </DialogFooter>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack>
            <Text size="sm">{keyMessages.revoke.text}</Text>
            <UsedNote target={target} isRecent={isRecent} />
            {isRecent && (
              <TextInput
                label={keyMessages.revoke.type(target.name)}
                value={typed}
                onChange={({ currentTarget }) => setTyped(currentTarget.value)}
                autoComplete="off"
                data-autofocus
              />
            )}
            {isRunning && <RevokingNote />}
            {state.phase === 'failed' && <RevokeError err={state.err} />}
            <DialogFooter>
              <Button variant="default" onClick={onClose} disabled={isRunning}>
                {messages.cancel}
              </Button>
              <Button type="submit" color="red" disabled={!isConfirmed} loading={isRunning}>
                {keyMessages.revoke.submit}
              </Button>
            </DialogFooter>
          </Stack>
        </form>
      )}
    </Dialog>
  );
}

function UsedNote({ target, isRecent }: { readonly target: Key; readonly isRecent: boolean }) {
  if (target.lastUsedAt === null) return <Text size="sm">{keyMessages.revoke.neverUsed}</Text>;
  return (
    <Text size="sm" {...(isRecent && { className: 'warning-text' })}>
      {keyMessages.revoke.lastUsed} <Ago at={target.lastUsedAt} />. {isRecent && keyMessages.revoke.inUse}
    </Text>
  );
}

/** Confirms a revocation, and says how it took effect. */
export function RevokedNote({ revocation }: { readonly revocation: Revocation }) {
  return (
    <Alert color="green" role="status">
      {keyMessages.revoke.done(describePropagation(revocation))}
    </Alert>
  );
}

/** Shown while waiting for the gateways; after a while it says why. */
export function RevokingNote() {
  const [isLong, setIsLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsLong(true), 1_500);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Group gap="sm" wrap="nowrap" role="status">
      <Loader size="xs" />
      <Text size="sm">{isLong ? keyMessages.revoke.waitingLong : keyMessages.revoke.waiting}</Text>
    </Group>
  );
}

/** Without a response, the key may be revoked or not. */
export function RevokeError({ err }: { readonly err: unknown }) {
  if (!(err instanceof NetworkError)) return <ErrorAlert err={err} />;
  return (
    <Alert color="red" title={messages.errors.unreachable} role="alert">
      {keyMessages.revoke.connectionLostText}
    </Alert>
  );
}
