import { Button, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { CatalogueView, Key } from '#libs/keys-contract';
import type { NewKey } from '../../src/contract.js';
import { Dialog, DialogFooter } from '../dialog.js';
import { dayOf } from '../time/format.js';
import { messages } from '../messages.js';
import { keyMessages } from './messages.js';
import { KeyName } from './key-name.js';
import { KeyShownOnce, confirmUnsaved } from './key-shown-once.js';
import { CreateKeyError } from './create-key-error.js';
import { replacementLifetime } from './replacement-lifetime.js';
import { RetireKey } from './retire-key.js';
import { SwitchOver } from './switch-over.js';
import { loadedKeys, useKeys } from './use-keys.js';
import { offeredAmong, useCatalogue } from './use-catalogue.js';
import { useNewKey } from './use-new-key.js';

interface RotateKeyProps {
  readonly old: Key;
  readonly gatewayUrl: string;
  readonly onClose: () => void;
}

/** Replaces a key without downtime: create another, switch over, retire the old one. It can be closed and continued later. */
export function RotateKey({ old, gatewayUrl, onClose }: RotateKeyProps) {
  const { data } = useKeys('active');
  const keys = loadedKeys(data);
  const replacement = keys.find(({ replaces }) => replaces === old.id);
  const { state, create, replaceLost } = useNewKey();
  const [isSaved, setIsSaved] = useState(false);
  const [hasSeen, setHasSeen] = useState(false);
  const [isRetiring, setIsRetiring] = useState(false);
  const request = useReplacement(old);

  const isShown = state.phase === 'created' && !hasSeen;
  const newKey = replacement ?? (state.phase === 'created' ? state.issued.key : undefined);
  // A replacement whose text was lost is of no use: it has to be created again.
  const isCreating =
    !isShown && (newKey === undefined || state.phase === 'token_lost' || state.phase === 'creating');
  const step = isCreating || isShown ? 1 : isRetiring ? 3 : 2;
  return (
    <Dialog
      title={keyMessages.rotate.heading}
      subject={<KeyName target={old} />}
      onClose={onClose}
      isBusy={state.phase === 'creating'}
      {...(isShown && !isSaved && { confirmClose: confirmUnsaved })}
    >
      <Stack gap="lg">
        <Steps at={step} />
        {isCreating && (
          <>
            <Text size="sm">
              {keyMessages.rotate.createText}{' '}
              {request.expiresAt != null && keyMessages.rotate.worksUntil(dayOf(request.expiresAt))}
            </Text>
            <DialogFooter error={<CreateKeyError state={state} onReplaceLost={() => replaceLost(request)} />}>
              <Button variant="default" onClick={onClose} disabled={state.phase === 'creating'}>
                {messages.cancel}
              </Button>
              {state.phase !== 'token_lost' && (
                <Button loading={state.phase === 'creating'} onClick={() => create(request)} data-autofocus>
                  {state.phase === 'failed' ? messages.tryAgain : keyMessages.rotate.create}
                </Button>
              )}
            </DialogFooter>
          </>
        )}
        {isShown && (
          <>
            <KeyShownOnce issued={state.issued} gatewayUrl={gatewayUrl} onSaved={() => setIsSaved(true)} />
            <DialogFooter>
              <Button onClick={() => setHasSeen(true)}>{keyMessages.rotate.next}</Button>
            </DialogFooter>
          </>
        )}
        {step === 2 && newKey && (
          <SwitchOver
            old={keys.find(({ id }) => id === old.id) ?? old}
            newKey={newKey}
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

/** What to create instead of a key. A retry must send exactly the same. */
export function useReplacement(old: Key): NewKey {
  const { data: catalogue } = useCatalogue();
  const [startedAt] = useState(() => Date.now());
  return replacementFor(old, startedAt, catalogue);
}

/** The same name, lifetime, and capabilities as far as they are still offered; keys refuses others by name. */
function replacementFor(old: Key, now: number, catalogue: CatalogueView | undefined): NewKey {
  const { name, id: replaces } = old;
  const capabilities =
    catalogue === undefined
      ? old.capabilities
      : offeredAmong(old.capabilities, catalogue).map(({ name }) => name);
  const lifetime = replacementLifetime(old, catalogue?.lifetimes);
  if (lifetime === undefined) return { name, capabilities, replaces };
  return { name, capabilities, replaces, expiresAt: new Date(now + lifetime).toISOString() };
}

function Steps({ at }: { readonly at: number }) {
  return (
    <ol className="steps" aria-label={keyMessages.rotate.step(at)}>
      {keyMessages.rotate.steps.map((name, index) => (
        <li key={name} {...(index + 1 === at && { 'aria-current': 'step' })}>
          {name}
        </li>
      ))}
    </ol>
  );
}
