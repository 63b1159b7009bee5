import { Alert, Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { ApiError, NetworkError } from '../api/call.js';
import { Failure } from '../failure.js';
import { words } from '../messages.js';
import type { NewKeyState } from './use-new-key.js';

interface NewKeyTroubleProps {
  readonly state: NewKeyState;
  /** Revokes the key whose text was lost, and makes another. */
  readonly onReplaceLost: () => void;
}

/** What went wrong while a key was being made, and the way on. */
export function NewKeyTrouble({ state, onReplaceLost }: NewKeyTroubleProps): ReactNode {
  switch (state.phase) {
    case 'idle':
    case 'making':
    case 'made':
      return null;
    case 'failed':
      return <FailedAttempt err={state.err} />;
    case 'text_lost':
      return (
        <Alert color="orange" title={words.create.textLost} role="alert">
          {words.create.textLostText(state.key.name)}
          <Group mt="sm">
            <Button size="xs" onClick={onReplaceLost}>
              {words.create.revokeAndRetry}
            </Button>
          </Group>
          {state.err !== undefined && <Failure err={state.err} />}
        </Alert>
      );
    default:
      return state satisfies never;
  }
}

function FailedAttempt({ err }: { readonly err: unknown }): ReactNode {
  if (err instanceof NetworkError) {
    return (
      <Alert color="red" title={words.create.lost} role="alert">
        {words.create.lostText}
      </Alert>
    );
  }
  if (err instanceof ApiError && err.code === 'idempotency_key_reused') {
    return (
      <Alert color="orange" title={words.create.changed} role="alert">
        {words.create.changedText}
      </Alert>
    );
  }
  return <Failure err={err} />;
}
