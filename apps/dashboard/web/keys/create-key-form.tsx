import { Button, Chip, Group, Stack, TextInput, Textarea } from '@mantine/core';
import { type SubmitEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { type CatalogueView, MAX_NAME_LENGTH } from '#libs/keys-contract';
import type { NewKey } from '../../src/contract.js';
import { DialogFooter } from '../dialog.js';
import { useNow } from '../time/now.js';
import { messages } from '../messages.js';
import { keyMessages } from './messages.js';
import { CapabilityBoxes } from './capability-boxes.js';
import { type Expiry, ExpiryChoice, expiryTime, firstExpiry } from './expiry-choice.js';
import { CreateKeyError } from './create-key-error.js';
import type { useNewKey } from './use-new-key.js';
import { refusalOf, useCurrentRefusal } from './use-refused-field.js';

interface CreateKeyFormProps {
  readonly catalogue: CatalogueView;
  readonly newKey: ReturnType<typeof useNewKey>;
  /** Called with whether closing would lose anything. */
  readonly onFilledIn: (isFilledIn: boolean) => void;
  readonly onCancel: () => void;
}

/** What a new key is created with. */
export function CreateKeyForm({ catalogue, newKey, onFilledIn, onCancel }: CreateKeyFormProps) {
  const { state, create, replaceLost } = newKey;
  const [preselected] = useState(() => preselectedIn(catalogue));
  const [name, setName] = useState('');
  const [capabilities, setCapabilities] = useState(preselected);
  const [initialExpiry] = useState(() => firstExpiry(catalogue.lifetimes));
  const [expiry, setExpiry] = useState(initialExpiry);
  const [addresses, setAddresses] = useState('');
  const [wasSubmitted, setWasSubmitted] = useState(false);
  const now = useNow();
  const nameField = useRef<HTMLInputElement>(null);
  const addressesField = useRef<HTMLTextAreaElement>(null);
  /** The expiry of the last attempt: a retry must send exactly the same request. */
  const lastAttempt = useRef<{ readonly expiry: Expiry; readonly expiresAt: number | null }>(undefined);
  const isFilledIn =
    name !== '' || addresses !== '' || capabilities !== preselected || expiry !== initialExpiry;
  useLayoutEffect(() => onFilledIn(isFilledIn), [isFilledIn, onFilledIn]);
  const refusal = refusalOf(state, 'allowedIps');
  const refusedAddresses = useCurrentRefusal(refusal, addresses);
  useEffect(() => {
    if (refusal !== undefined) addressesField.current?.focus();
  }, [refusal]);

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
            autoFocus
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
        <ExpiryChoice
          lifetimes={catalogue.lifetimes}
          value={expiry}
          onChange={setExpiry}
          error={wasSubmitted && isDateMissing && keyMessages.create.dateMissing}
        />
        <CapabilityBoxes
          catalogue={catalogue}
          value={capabilities}
          onChange={setCapabilities}
          error={wasSubmitted && capabilities.length === 0 && keyMessages.create.capabilitiesMissing}
        />
        <Textarea
          ref={addressesField}
          label={keyMessages.create.addresses}
          description={keyMessages.create.addressesHint}
          value={addresses}
          onChange={({ currentTarget }) => setAddresses(currentTarget.value)}
          error={refusedAddresses ?? false}
          autosize
          minRows={1}
          maxRows={6}
          spellCheck={false}
          autoComplete="off"
        />
        <DialogFooter
          error={
            refusal === undefined && (
              <CreateKeyError state={state} onReplaceLost={() => validateAnd(replaceLost)} />
            )
          }
        >
          <Button variant="default" onClick={onCancel} disabled={state.phase === 'creating'}>
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
  );
}

function preselectedIn({ capabilities }: CatalogueView): readonly string[] {
  return capabilities.filter((capability) => capability.default).map(({ name }) => name);
}

function nameProblem(name: string): string | undefined {
  if (name.trim() === '') return keyMessages.create.nameMissing;
  return name.trim().length > MAX_NAME_LENGTH ? keyMessages.create.nameLong : undefined;
}
