import { Alert, Button, Radio, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import type { Key } from '#libs/keys-contract';
import { DialogFooter } from '../dialog.js';
import { expireKey, revokeKey } from '../api/keys.js';
import { relativeTime } from '../time/format.js';
import { useNow } from '../time/now.js';
import { useAction } from '../use-action.js';
import { messages } from '../messages.js';
import { keyMessages } from './messages.js';
import { describePropagation } from './describe-propagation.js';
import { describeUsage } from './describe-usage.js';
import { RevokeError, RevokingNote } from './revoke-key.js';
import { refreshKeys } from './use-keys.js';
import { useUsage } from './use-usage.js';

interface RetireKeyProps {
  readonly old: Key;
  readonly onBack: () => void;
  readonly onDone: () => void;
}

const HOUR_MS = 3_600_000;
/** The latest end that a replaced key is given here. */
export const LONGEST_END_MS = 7 * 24 * HOUR_MS;
const ENDS_IN_MS = { now: 0, hour: HOUR_MS, day: 24 * HOUR_MS, week: LONGEST_END_MS } as const;
const CHOICES = ['now', 'hour', 'day', 'week'] as const;

/** Revokes the replaced key, or sets when it expires. Nothing is preselected: each choice ends what is in use. */
export function RetireKey({ old, onBack, onDone }: RetireKeyProps) {
  const queries = useQueryClient();
  const now = useNow();
  const [choice, setChoice] = useState<(typeof CHOICES)[number]>();
  const [wasSubmitted, setWasSubmitted] = useState(false);
  const [outcome, setOutcome] = useState<string>();
  const { state, run } = useAction(async (end: (typeof CHOICES)[number]) => {
    if (end === 'now') {
      const revocation = await revokeKey(old.id, 'rotated');
      setOutcome(keyMessages.revoke.done(describePropagation(revocation)));
    } else {
      const at = new Date(Date.now() + ENDS_IN_MS[end]).toISOString();
      const expiry = await expireKey(old.id, at);
      setOutcome(keyMessages.rotate.willExpire(relativeTime(at, Date.now()), describePropagation(expiry)));
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
  // An expiry can only be moved earlier.
  const sooner = CHOICES.filter(
    (one) => old.expiresAt === null || now + ENDS_IN_MS[one] < Date.parse(old.expiresAt),
  );
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    setWasSubmitted(true);
    if (choice !== undefined) run(choice);
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="lg">
        <Radio.Group
          label={keyMessages.rotate.when}
          value={choice ?? null}
          onChange={(value) => setChoice(CHOICES.find((one) => one === value))}
          error={wasSubmitted && choice === undefined && keyMessages.rotate.whenMissing}
        >
          <Stack gap="xs" mt="xs" mb="xs">
            {sooner.map((one) => (
              <Radio key={one} value={one} label={keyMessages.rotate.options[one]} disabled={isRunning} />
            ))}
          </Stack>
        </Radio.Group>
        {choice === 'now' && <EndsNow old={old} />}
        {choice !== undefined && choice !== 'now' && (
          <Text size="sm" c="dimmed">
            {keyMessages.rotate.laterEnd}
          </Text>
        )}
        {isRunning && <RevokingNote />}
        <DialogFooter error={state.phase === 'failed' && <RevokeError err={state.err} />}>
          <Button variant="default" onClick={onBack} disabled={isRunning}>
            {messages.back}
          </Button>
          <Button type="submit" {...(choice === 'now' && { color: 'red' })} loading={isRunning}>
            {labelFor(choice)}
          </Button>
        </DialogFooter>
      </Stack>
    </form>
  );
}

/** What the key would take down with it. */
function EndsNow({ old }: { readonly old: Key }) {
  const { data: usage } = useUsage(old);
  if (usage !== undefined && usage.lastDay.requests > 0) {
    return <Alert color="orange">{keyMessages.rotate.stillUsed(describeUsage(usage.lastDay))}</Alert>;
  }
  return (
    <Text size="sm" c="dimmed">
      {keyMessages.rotate.nowHint}
    </Text>
  );
}

function labelFor(choice: (typeof CHOICES)[number] | undefined): string {
  const { submitNone, submitNow, submitLater } = keyMessages.rotate;
  if (choice === undefined) return submitNone;
  return choice === 'now' ? submitNow : submitLater;
}
