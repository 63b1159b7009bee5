import { Alert, Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { ApiError, NetworkError } from '../api/call.js';
import { ErrorAlert } from '../error-alert.js';
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
        <Alert color="orange" title={keyMessages.create.tokenLost} role="alert">
          {keyMessages.create.tokenLostText(state.key.name)}
          <Group mt="sm">
            <Button size="xs" onClick={onReplaceLost}>
              {keyMessages.create.revokeAndRetry}
            </Button>
          </Group>
          {state.err !== undefined && <ErrorAlert err={state.err} />}
        </Alert>
      );
    default:
      return state satisfies never;
  }
}

function FailedAttempt({ err }: { readonly err: unknown }): ReactNode {
  if (err instanceof NetworkError) {
    return (
      <Alert color="red" title={keyMessages.create.connectionLost} role="alert">
        {keyMessages.create.connectionLostText}
      </Alert>
    );
  }
  if (err instanceof ApiError && err.code === 'idempotency_key_reused') {
    return (
      <Alert color="orange" title={keyMessages.create.alreadyCreated} role="alert">
        {keyMessages.create.alreadyCreatedText}
      </Alert>
    );
  }
  return <ErrorAlert err={err} />;
}
