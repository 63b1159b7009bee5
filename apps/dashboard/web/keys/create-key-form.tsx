import { Button, Chip, Group, Stack, TextInput, Textarea } from '@mantine/core';
import { type SubmitEvent, useRef, useState } from 'react';
import { type CatalogueView, MAX_NAME_LENGTH } from '#libs/keys-contract';
import type { NewKey } from '../../src/contract.js';
import { Dialog, DialogFooter } from '../dialog.js';
import { useNow } from '../time/now.js';
import { messages } from '../messages.js';
import { keyMessages } from './messages.js';
import { CapabilityBoxes } from './capability-boxes.js';
import { type Expiry, ExpiryChoice, expiryTime, firstExpiry } from './expiry-choice.js';
import { KeyShownOnce, confirmUnsaved } from './key-shown-once.js';
import { CreateKeyError } from './create-key-error.js';
import { useNewKey } from './use-new-key.js';

interface CreateKeyFormProps {
  readonly catalogue: CatalogueView;
  readonly gatewayUrl: string;
  readonly onClose: () => void;
}

/** The form, and then the new key. */
export function CreateKeyForm({ catalogue, gatewayUrl, onClose }: CreateKeyFormProps) {
  const { state, create, replaceLost } = useNewKey();
  const [isSaved, setIsSaved] = useState(false);
  const [name, setName] = useState('');
  const [capabilities, setCapabilities] = useState(() => preselectedIn(catalogue));
  const [expiry, setExpiry] = useState(() => firstExpiry(catalogue.lifetimes));
  const [addresses, setAddresses] = useState('');
  const [wasSubmitted, setWasSubmitted] = useState(false);
  const now = useNow();
  const nameField = useRef<HTMLInputElement>(null);
  /** The expiry of the last attempt: a retry must send exactly the same request. */
  const lastAttempt = useRef<{ readonly expiry: Expiry; readonly expiresAt: number | null }>(undefined);

  if (state.phase === 'created') {
    return (
      <Dialog
        key="shown"
        title={keyMessages.shown.heading(state.issued.key.name)}
        onClose={onClose}
        {...(!isSaved && { confirmClose: confirmUnsaved })}
      >
        <Stack gap="lg">
          <KeyShownOnce issued={state.issued} gatewayUrl={gatewayUrl} onSaved={() => setIsSaved(true)} />
          <DialogFooter>
            <Button onClick={onClose}>{keyMessages.shown.saved}</Button>
          </DialogFooter>
        </Stack>
      </Dialog>
    );
  }

  const wrongName = nameProblem(name);
  const isDateMissing = Number.isNaN(expiryTime(expiry, now));
  const validateAnd = (send: (request: NewKey) => void): void => {
    setWasSubmitted(true);
    const attempt = lastAttempt.current;
    const expiresAt = attempt?.expiry === expiry ? attempt.expiresAt : expiryTime(expiry, Date.now());
    if (wrongName !== undefined) return nameField.current?.focus();
    if (capabilities.length === 0 || Number.isNaN(expiresAt)) return;
    lastAttempt.current = { expiry, expiresAt };
    const allowedIps = addresses.split(/[\s,]+/).filter((address) => address !== '');
    send({
      name: name.trim(),
      capabilities,
      expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
      ...(allowedIps.length > 0 && { allowedIps }),
    });
  };
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    validateAnd(create);
  };
  return (
    <Dialog
      key="form"
      title={keyMessages.create.heading}
      onClose={onClose}
      isBusy={state.phase === 'creating'}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="lg">
          <div>
            <TextInput
              ref={nameField}
              label={keyMessages.create.name}
              description={keyMessages.create.nameHint}
              value={name}
              onChange={({ currentTarget }) => setName(currentTarget.value)}
              error={wasSubmitted && wrongName}
              autoComplete="off"
              data-autofocus
            />
            <Group gap={6} mt={8}>
              {keyMessages.create.nameExamples.map((example) => (
                <Chip key={example} size="xs" checked={name === example} onChange={() => setName(example)}>
                  {example}
                </Chip>
              ))}
            </Group>
          </div>
          <CapabilityBoxes
            catalogue={catalogue}
            value={capabilities}
            onChange={setCapabilities}
            error={wasSubmitted && capabilities.length === 0 && keyMessages.create.capabilitiesMissing}
          />
          <ExpiryChoice
            lifetimes={catalogue.lifetimes}
            value={expiry}
            onChange={setExpiry}
            error={wasSubmitted && isDateMissing && keyMessages.create.dateMissing}
          />
          <Textarea
            label={keyMessages.create.addresses}
            description={keyMessages.create.addressesHint}
            value={addresses}
            onChange={({ currentTarget }) => setAddresses(currentTarget.value)}
            autosize
            minRows={1}
            maxRows={6}
            spellCheck={false}
            autoComplete="off"
          />
          <DialogFooter
            error={<CreateKeyError state={state} onReplaceLost={() => validateAnd(replaceLost)} />}
          >
            <Button variant="default" onClick={onClose} disabled={state.phase === 'creating'}>
              {messages.cancel}
            </Button>
            {state.phase !== 'token_lost' && (
              <Button type="submit" loading={state.phase === 'creating'}>
                {state.phase === 'failed' ? messages.tryAgain : keyMessages.create.submit}
              </Button>
            )}
          </DialogFooter>
        </Stack>
      </form>
    </Dialog>
  );
}

function preselectedIn({ capabilities }: CatalogueView): readonly string[] {
  return capabilities.filter((capability) => capability.default).map(({ name }) => name);
}

function nameProblem(name: string): string | undefined {
  if (name.trim() === '') return keyMessages.create.nameMissing;
  return name.trim().length > MAX_NAME_LENGTH ? keyMessages.create.nameLong : undefined;
}
