import { Alert, Button, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Key, Pause } from '#libs/keys-contract';
import { pauseKey, resumeKey } from '../api/keys.js';
import { Dialog, DialogFooter } from '../dialog.js';
import { ActionError } from '../error-alert.js';
import { messages } from '../messages.js';
import { useAction } from '../use-action.js';
import { describePropagation } from './describe-propagation.js';
import { KeyName } from './key-name.js';
import { keyMessages } from './messages.js';
import { refreshKeys } from './use-keys.js';

interface PauseKeyProps {
  readonly target: Key;
  readonly action: 'pause' | 'resume';
  readonly onClose: () => void;
}

/** Pauses a key, or resumes it, and waits until every gateway knows. */
export function PauseKey({ target, action, onClose }: PauseKeyProps) {
  const queries = useQueryClient();
  const [done, setDone] = useState<Pause>();
  const { state, run } = useAction(async () => {
    setDone(await (action === 'pause' ? pauseKey : resumeKey)(target.id));
    void refreshKeys(queries);
  });
  const texts = keyMessages[action];
  const isRunning = state.phase === 'running';
  return (
    <Dialog
      title={texts.heading}
      subject={<KeyName target={target} />}
      onClose={onClose}
      isBusy={isRunning}
      size="md"
    >
      <Stack>
        {done ? (
          <Alert color="green" role="status">
            {texts.done(describePropagation(done))}
          </Alert>
        ) : (
          <Text size="sm">{texts.text}</Text>
        )}
        {isRunning && (
          <Text size="sm" role="status">
            {texts.waiting}
          </Text>
        )}
        <DialogFooter error={state.phase === 'failed' && <ActionError err={state.err} />}>
          {done ? (
            <Button onClick={onClose} autoFocus>
              {messages.done}
            </Button>
          ) : (
            <>
              <Button variant="default" onClick={onClose} disabled={isRunning}>
                {messages.cancel}
              </Button>
              <Button onClick={run} loading={isRunning} data-autofocus>
                {texts.submit}
              </Button>
            </>
          )}
        </DialogFooter>
      </Stack>
    </Dialog>
  );
}
