import { Button, Chip, Group, Stack, TextInput } from '@mantine/core';
import { type SubmitEvent, useRef, useState } from 'react';
import { type Capability, DEFAULT_CAPABILITIES } from '#libs/capabilities';
import type { NewKey } from '../../src/contract.js';
import { Dialog } from '../dialog.js';
import { useNow } from '../time/now.js';
import { words } from '../messages.js';
import { CapabilityBoxes } from './capability-boxes.js';
import { type Expiry, ExpiryChoice, NEVER, endOf } from './expiry-choice.js';
import { KeyShownOnce, unsavedGuard } from './key-shown-once.js';
import { NewKeyTrouble } from './create-key-error.js';
import { useNewKey } from './use-new-key.js';

interface CreateKeyProps {
  readonly gatewayUrl: string;
  readonly onClose: () => void;
}

const LONGEST_NAME = 100;

/** Makes a key, and shows it once. */
export function CreateKey({ gatewayUrl, onClose }: CreateKeyProps) {
  const { state, make, replaceLost } = useNewKey();
  const [isSaved, setIsSaved] = useState(false);
  const [name, setName] = useState('');
  const [capabilities, setCapabilities] = useState<readonly Capability[]>(DEFAULT_CAPABILITIES);
  const [expiry, setExpiry] = useState(NEVER);
  const [wasSubmitted, setWasSubmitted] = useState(false);
  const now = useNow();
  const nameField = useRef<HTMLInputElement>(null);
  /** When the key was to end as it was asked for last: to try again must ask for the same moment. */
  const lastAsked = useRef<{ readonly expiry: Expiry; readonly end: number | undefined }>(undefined);

  if (state.phase === 'made') {
    return (
      <Dialog
        key="shown"
        title={words.shown.heading(state.issued.key.name)}
        onClose={onClose}
        {...(!isSaved && { guard: unsavedGuard })}
      >
        <KeyShownOnce issued={state.issued} gatewayUrl={gatewayUrl} onSaved={() => setIsSaved(true)} />
        <Group justify="flex-end" mt="lg">
          <Button onClick={onClose}>{words.shown.saved}</Button>
        </Group>
      </Dialog>
    );
  }

  const wrongName = wrongNameOf(name);
  const isMissingDay = Number.isNaN(endOf(expiry, now));
  const act = (how: (wanted: NewKey) => void): void => {
    setWasSubmitted(true);
    const end = lastAsked.current?.expiry === expiry ? lastAsked.current.end : endOf(expiry, Date.now());
    if (wrongName !== undefined) return nameField.current?.focus();
    if (capabilities.length === 0 || Number.isNaN(end)) return;
    lastAsked.current = { expiry, end };
    how({
      name: name.trim(),
      capabilities,
      ...(end !== undefined && { expiresAt: new Date(end).toISOString() }),
    });
  };
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    act(make);
  };
  return (
    <Dialog key="form" title={words.create.heading} onClose={onClose} isBusy={state.phase === 'making'}>
      <form onSubmit={submit} noValidate>
        <Stack gap="lg">
          <div>
            <TextInput
              ref={nameField}
              label={words.create.name}
              description={words.create.nameHint}
              value={name}
              onChange={({ currentTarget }) => setName(currentTarget.value)}
              error={wasSubmitted && wrongName}
              autoComplete="off"
              data-autofocus
            />
            <Group gap={6} mt={8}>
              {words.create.nameExamples.map((example) => (
                <Chip key={example} size="xs" checked={name === example} onChange={() => setName(example)}>
                  {example}
                </Chip>
              ))}
            </Group>
          </div>
          <CapabilityBoxes
            value={capabilities}
            onChange={setCapabilities}
            error={wasSubmitted && capabilities.length === 0 && words.create.capabilitiesMissing}
          />
          <ExpiryChoice
            value={expiry}
            onChange={setExpiry}
            error={wasSubmitted && isMissingDay && words.create.dateMissing}
          />
          <NewKeyTrouble state={state} onReplaceLost={() => act(replaceLost)} />
          <Group justify="flex-end" className="foot">
            <Button variant="default" onClick={onClose} disabled={state.phase === 'making'}>
              {words.cancel}
            </Button>
            {state.phase !== 'text_lost' && (
              <Button type="submit" loading={state.phase === 'making'}>
                {state.phase === 'failed' ? words.tryAgain : words.create.submit}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

function wrongNameOf(name: string): string | undefined {
  if (name.trim() === '') return words.create.nameMissing;
  return name.trim().length > LONGEST_NAME ? words.create.nameLong : undefined;
}
