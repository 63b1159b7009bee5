import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { ApiError, NetworkError } from '../api/call.js';
import { ActionAlert, ActionError } from '../error-alert.js';
import { keyMessages } from './messages.js';
import type { NewKeyState } from './use-new-key.js';

interface CreateKeyErrorProps {
  readonly state: NewKeyState;
  /** Revokes the key whose text was lost and creates another. */
  readonly onReplaceLost: () => void;
}

/** What went wrong while creating a key, and what to do next. */
export function CreateKeyError({ state, onReplaceLost }: CreateKeyErrorProps): ReactNode {
  switch (state.phase) {
    case 'idle':
    case 'creating':
    case 'created':
      return null;
    case 'failed':
      return <FailedAttempt err={state.err} />;
    case 'token_lost':
      return (
        <ActionAlert color="orange" title={keyMessages.create.tokenLost}>
          {keyMessages.create.tokenLostText(state.key.name, state.key.last4)}
          <Group mt="sm">
            <Button size="xs" onClick={onReplaceLost}>
              {keyMessages.create.revokeAndRetry}
            </Button>
          </Group>
          {state.err !== undefined && <ActionError err={state.err} />}
        </ActionAlert>
      );
    default:
      return state satisfies never;
  }
}

function FailedAttempt({ err }: { readonly err: unknown }): ReactNode {
  if (err instanceof NetworkError) {
    return (
      <ActionAlert color="red" title={keyMessages.create.connectionLost}>
        {keyMessages.create.connectionLostText}
      </ActionAlert>
    );
  }
  if (err instanceof ApiError && err.code === 'idempotency_key_reused') {
    return (
      <ActionAlert color="orange" title={keyMessages.create.alreadyCreated}>
        {keyMessages.create.alreadyCreatedText}
      </ActionAlert>
    );
  }
  return <ActionError err={err} />;
}
