import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { isCapability } from '#libs/capabilities';
import type { Key, NewKey } from '../../src/contract.js';
import { Dialog } from '../dialog.js';
import { dayOf } from '../time/format.js';
import { words } from '../messages.js';
import { KeyShownOnce, unsavedGuard } from './key-shown-once.js';
import { NewKeyTrouble } from './create-key-error.js';
import { RetireKey } from './retire-key.js';
import { SwitchOver } from './switch-over.js';
import { loadedKeys, useKeys } from './use-keys.js';
import { useNewKey } from './use-new-key.js';

interface RotateKeyProps {
  readonly old: Key;
  readonly gatewayUrl: string;
  readonly onClose: () => void;
}

/** How often both keys are looked at while the traffic moves. */
const WATCH_EVERY_MS = 3_000;

/** Replaces a key without a pause: make another, switch over, retire the old one. It can be left and taken up again. */
export function RotateKey({ old, gatewayUrl, onClose }: RotateKeyProps) {
  const { data } = useKeys('active', { everyMs: WATCH_EVERY_MS });
  const keys = loadedKeys(data);
  const replacement = keys.find(({ replaces }) => replaces === old.id);
  const { state, make, replaceLost } = useNewKey();
  const [isSaved, setIsSaved] = useState(false);
  const [hasSeen, setHasSeen] = useState(false);
  const [isRetiring, setIsRetiring] = useState(false);
  const [wanted] = useState(() => replacementFor(old, Date.now()));

  const isShown = state.phase === 'made' && !hasSeen;
  const fresh = replacement ?? (state.phase === 'made' ? state.issued.key : undefined);
  // What has lost its text is a replacement too, but not one that anybody could use.
  const isMaking =
    !isShown && (fresh === undefined || state.phase === 'text_lost' || state.phase === 'making');
  const step = isMaking || isShown ? 1 : isRetiring ? 3 : 2;
  return (
    <Dialog
      title={words.rotate.heading(old.name)}
      onClose={onClose}
      isBusy={state.phase === 'making'}
      {...(isShown && !isSaved && { guard: unsavedGuard })}
    >
      <Stack gap="lg">
        <Steps at={step} />
        {isMaking && (
          <>
            <Text size="sm">
              {words.rotate.makeText}{' '}
              {wanted.expiresAt !== undefined && words.rotate.sameLife(dayOf(wanted.expiresAt))}
            </Text>
            <NewKeyTrouble state={state} onReplaceLost={() => replaceLost(wanted)} />
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose} disabled={state.phase === 'making'}>
                {words.cancel}
              </Button>
              {state.phase !== 'text_lost' && (
                <Button loading={state.phase === 'making'} onClick={() => make(wanted)} data-autofocus>
                  {state.phase === 'failed' ? words.tryAgain : words.rotate.make}
                </Button>
              )}
            </Group>
          </>
        )}
        {isShown && (
          <>
            <KeyShownOnce issued={state.issued} gatewayUrl={gatewayUrl} onSaved={() => setIsSaved(true)} />
            <Group justify="flex-end">
              <Button onClick={() => setHasSeen(true)}>{words.rotate.next}</Button>
            </Group>
          </>
        )}
        {step === 2 && fresh && (
          <SwitchOver
            old={keys.find(({ id }) => id === old.id) ?? old}
            fresh={fresh}
            onLater={onClose}
            onRetire={() => setIsRetiring(true)}
          />
        )}
        {step === 3 && (
          <RetireKey
            old={keys.find(({ id }) => id === old.id) ?? old}
            onBack={() => setIsRetiring(false)}
            onDone={onClose}
          />
        )}
      </Stack>
    </Dialog>
  );
}

/** The same name, capabilities that are still offered, and length of life. */
export function replacementFor(old: Key, now: number): NewKey {
  const { name, id: replaces } = old;
  const capabilities = old.capabilities.filter(isCapability);
  if (old.expiresAt === null) return { name, capabilities, replaces };
  const life = Date.parse(old.expiresAt) - Date.parse(old.createdAt);
  return { name, capabilities, replaces, expiresAt: new Date(now + life).toISOString() };
}

function Steps({ at }: { readonly at: number }) {
  return (
    <ol className="steps" aria-label={words.rotate.step(at)}>
      {words.rotate.steps.map((name, index) => (
        <li key={name} {...(index + 1 === at && { 'aria-current': 'step' })}>
          {name}
        </li>
      ))}
    </ol>
  );
}
