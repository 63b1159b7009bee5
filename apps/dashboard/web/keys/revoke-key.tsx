import { Alert, Button, Group, Loader, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, type SubmitEvent, useEffect, useState } from 'react';
import type { Key, KeyUsage, Revocation } from '#libs/keys-contract';
import { NetworkError } from '../api/call.js';
import { revokeKey } from '../api/keys.js';
import { Dialog, DialogFooter } from '../dialog.js';
import { ActionAlert, ActionError } from '../error-alert.js';
import { Ago } from '../time/ago.js';
import { useAction } from '../use-action.js';
import { messages } from '../messages.js';
import { KeyName } from './key-name.js';
import { keyMessages } from './messages.js';
import { describePropagation } from './describe-propagation.js';
import { describeUsage } from './describe-usage.js';
import { refreshKeys } from './use-keys.js';
import { useUsage } from './use-usage.js';

const RECENT_MS = 86_400_000;

/** Says what uses a key, then revokes it. For a key in use, the end of its text must be typed: names are not unique. */
export function RevokeKey({ target, onClose }: { readonly target: Key; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [revocation, setRevocation] = useState<Revocation>();
  const { state, run } = useAction(async () => {
    setRevocation(await revokeKey(target.id));
    void refreshKeys(queries);
  });
  const { data: usage, isPending } = useUsage(target);
  const isLate = useIsLate();
  const isRunning = state.phase === 'running';
  return (
    <Dialog
      title={keyMessages.revoke.heading}
      subject={<KeyName target={target} />}
      onClose={onClose}
      isBusy={isRunning}
      size="md"
    >
      {revocation ? (
        <Stack>
          <RevokedNote revocation={revocation} />
          <DialogFooter>
            <Button onClick={onClose} autoFocus>
              {messages.done}
            </Button>
          </DialogFooter>
        </Stack>
      ) : isPending && !isLate ? (
        <Skeleton height={120} role="status" aria-label={messages.loading} />
      ) : (
        <Confirm
          target={target}
          usage={usage}
          isRunning={isRunning}
          error={state.phase === 'failed' && <RevokeError err={state.err} />}
          onCancel={onClose}
          onConfirm={run}
        />
      )}
    </Dialog>
  );
}

/** How long a revocation may wait for the numbers about it. */
const PATIENCE_MS = 1_000;

/** Whether people have waited long enough. */
function useIsLate(): boolean {
  const [isLate, setIsLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return isLate;
}

interface ConfirmProps {
  readonly target: Key;
  /** Undefined if it could not be read. */
  readonly usage: KeyUsage | undefined;
  readonly isRunning: boolean;
  readonly error: ReactNode;
  readonly onCancel: () => void;
  readonly onConfirm: () => void;
}

function Confirm({ target, usage, isRunning, error, onCancel, onConfirm }: ConfirmProps) {
  const [typed, setTyped] = useState('');
  const [openedAt] = useState(() => Date.now());
  const wasUsed = target.lastUsedAt !== null && openedAt - Date.parse(target.lastUsedAt) < RECENT_MS;
  const isRecent = usage === undefined ? wasUsed : usage.lastDay.requests > 0;
  const isConfirmed = !isRecent || typed.trim() === target.last4;
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (isConfirmed) onConfirm();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <UsedNote target={target} usage={usage} isRecent={isRecent} />
        <Text size="sm">{keyMessages.revoke.text}</Text>
        {isRecent && (
          <TextInput
            label={keyMessages.revoke.type(target.last4)}
            value={typed}
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            autoFocus
          />
        )}
        {isRunning && <RevokingNote />}
        <DialogFooter error={error}>
          <Button variant="default" onClick={onCancel} disabled={isRunning}>
            {messages.cancel}
          </Button>
          <Button type="submit" color="red" disabled={!isConfirmed} loading={isRunning} autoFocus={!isRecent}>
            {keyMessages.revoke.submit}
          </Button>
        </DialogFooter>
      </Stack>
    </form>
  );
}

type UsedNoteProps = Pick<ConfirmProps, 'target' | 'usage'> & { readonly isRecent: boolean };

/** Numbers first: they are what decides. */
function UsedNote({ target: { lastUsedAt }, usage, isRecent }: UsedNoteProps) {
  const { revoke } = keyMessages;
  if (!isRecent) return <Text size="sm">{lastUsedAt === null ? revoke.neverUsed : revoke.unused}</Text>;
  const [lastAt, text] =
    usage === undefined ? [lastUsedAt, revoke.lastUsed] : [usage.lastAt, revoke.lastRequest];
  return (
    <Text size="sm" className="warning-text">
      {usage && <b>{revoke.used(describeUsage(usage.lastDay))} </b>}
      {lastAt !== null && (
        <>
          {text} <Ago at={lastAt} />.{' '}
        </>
      )}
      {revoke.inUse}
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
  if (!(err instanceof NetworkError)) return <ActionError err={err} />;
  return (
    <ActionAlert color="red" title={messages.errors.unreachable}>
      {keyMessages.revoke.connectionLostText}
    </ActionAlert>
  );
}
