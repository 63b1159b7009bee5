import { Alert, Button, Radio, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Key } from '#libs/keys-contract';
import { DialogFooter } from '../dialog.js';
import { expireKey, revokeKey } from '../api/keys.js';
import { relativeTime } from '../time/format.js';
import { useNow } from '../time/now.js';
import { useAction } from '../use-action.js';
import { messages } from '../messages.js';
import { keyMessages } from './messages.js';
import { describePropagation } from './describe-propagation.js';
import { RevokeError, RevokingNote } from './revoke-key.js';
import { refreshKeys } from './use-keys.js';

interface RetireKeyProps {
  readonly old: Key;
  readonly onBack: () => void;
  readonly onDone: () => void;
}

const HOUR_MS = 3_600_000;
const ENDS_IN_MS = { now: 0, hour: HOUR_MS, day: 24 * HOUR_MS, week: 7 * 24 * HOUR_MS } as const;
const CHOICES = ['now', 'hour', 'day', 'week'] as const;
/** A key used within this time is probably still needed. */
const RECENT_MS = 300_000;

/** Revokes the replaced key, or sets when it expires. */
export function RetireKey({ old, onBack, onDone }: RetireKeyProps) {
  const queries = useQueryClient();
  const now = useNow();
  const [choice, setChoice] = useState<(typeof CHOICES)[number]>('now');
  const [outcome, setOutcome] = useState<string>();
  const { state, run } = useAction(async () => {
    if (choice === 'now') {
      const revocation = await revokeKey(old.id, 'rotated');
      setOutcome(keyMessages.revoke.done(describePropagation(revocation)));
    } else {
      const at = new Date(Date.now() + ENDS_IN_MS[choice]).toISOString();
      const expiry = await expireKey(old.id, at);
      setOutcome(
        keyMessages.rotate.willExpire(relativeTime(at, Date.now() - 1_000), describePropagation(expiry)),
      );
    }
    void refreshKeys(queries);
  });

  if (outcome !== undefined) {
    return (
      <>
        <Alert color="green" role="status">
          {outcome}
        </Alert>
        <DialogFooter>
          <Button onClick={onDone} autoFocus>
            {messages.done}
          </Button>
        </DialogFooter>
      </>
    );
  }
  const isRunning = state.phase === 'running';
  const isInUse = old.lastUsedAt !== null && now - Date.parse(old.lastUsedAt) < RECENT_MS;
  // An expiry can only be moved earlier.
  const sooner = CHOICES.filter(
    (one) => old.expiresAt === null || now + ENDS_IN_MS[one] < Date.parse(old.expiresAt),
  );
  return (
    <>
      <Radio.Group
        label={keyMessages.rotate.when}
        value={choice}
        onChange={(value) => setChoice(CHOICES.find((one) => one === value) ?? 'now')}
      >
        <Stack gap="xs" mt="xs">
          {sooner.map((one) => (
            <Radio key={one} value={one} label={keyMessages.rotate.options[one]} disabled={isRunning} />
          ))}
        </Stack>
      </Radio.Group>
      {choice === 'now' && isInUse ? (
        <Alert color="orange">{keyMessages.rotate.recentlyUsed}</Alert>
      ) : (
        <Text size="sm" c="dimmed">
          {choice === 'now' ? keyMessages.rotate.nowHint : keyMessages.rotate.laterEnd}
        </Text>
      )}
      {isRunning && <RevokingNote />}
      {state.phase === 'failed' && <RevokeError err={state.err} />}
      <DialogFooter>
        <Button variant="default" onClick={onBack} disabled={isRunning}>
          {messages.back}
        </Button>
        <Button {...(choice === 'now' && { color: 'red' })} loading={isRunning} onClick={() => run()}>
          {choice === 'now' ? keyMessages.rotate.submitNow : keyMessages.rotate.submitLater}
        </Button>
      </DialogFooter>
    </>
  );
}
