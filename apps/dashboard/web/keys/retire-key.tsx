import { Alert, Button, Group, Radio, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Key } from '../../src/contract.js';
import { expireKey, revokeKey } from '../api/keys.js';
import { relativeTime } from '../time/format.js';
import { useNow } from '../time/now.js';
import { useAction } from '../use-action.js';
import { words } from '../messages.js';
import { RevokeFailure, RevokingNote } from './revoke-key.js';
import { refreshKeys } from './use-keys.js';

interface RetireKeyProps {
  readonly old: Key;
  readonly onBack: () => void;
  readonly onDone: () => void;
}

const HOUR_MS = 3_600_000;
const ENDS_IN_MS = { now: 0, hour: HOUR_MS, day: 24 * HOUR_MS, week: 7 * 24 * HOUR_MS } as const;
const CHOICES = ['now', 'hour', 'day', 'week'] as const;
const RECENT_MS = 300_000;

/** Ends the key that was replaced: now, or by itself a little later. */
export function RetireKey({ old, onBack, onDone }: RetireKeyProps) {
  const queries = useQueryClient();
  const now = useNow();
  const [choice, setChoice] = useState<(typeof CHOICES)[number]>('now');
  const [outcome, setOutcome] = useState<string>();
  const { state, run } = useAction(async () => {
    if (choice === 'now') setOutcome(words.revoked(await revokeKey(old.id, 'rotated')));
    else {
      const at = new Date(Date.now() + ENDS_IN_MS[choice]).toISOString();
      setOutcome(words.willExpire(relativeTime(at, Date.now() - 1_000), await expireKey(old.id, at)));
    }
    void refreshKeys(queries);
  });

  if (outcome !== undefined) {
    return (
      <>
        <Alert color="green" role="status">
          {outcome}
        </Alert>
        <Group justify="flex-end">
          <Button onClick={onDone} autoFocus>
            {words.done}
          </Button>
        </Group>
      </>
    );
  }
  const isRunning = state.phase === 'running';
  const isInUse = old.lastUsedAt !== null && now - Date.parse(old.lastUsedAt) < RECENT_MS;
  // A key's end may only come nearer.
  const sooner = CHOICES.filter(
    (one) => old.expiresAt === null || now + ENDS_IN_MS[one] < Date.parse(old.expiresAt),
  );
  return (
    <>
      <Radio.Group
        label={words.rotate.when}
        value={choice}
        onChange={(value) => setChoice(CHOICES.find((one) => one === value) ?? 'now')}
      >
        <Stack gap="xs" mt="xs">
          {sooner.map((one) => (
            <Radio key={one} value={one} label={words.rotate.options[one]} disabled={isRunning} />
          ))}
        </Stack>
      </Radio.Group>
      <Text size="sm" c="dimmed">
        {choice === 'now' ? words.rotate.nowHint : words.rotate.laterEnd}
      </Text>
      {choice === 'now' && isInUse && <Alert color="orange">{words.rotate.recently}</Alert>}
      {isRunning && <RevokingNote />}
      {state.phase === 'failed' && <RevokeFailure err={state.err} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack} disabled={isRunning}>
          {words.back}
        </Button>
        <Button {...(choice === 'now' && { color: 'red' })} loading={isRunning} onClick={() => run()}>
          {choice === 'now' ? words.rotate.submitNow : words.rotate.submitLater}
        </Button>
      </Group>
    </>
  );
}
