import { Button, Stack } from '@mantine/core';
import { useState } from 'react';
import { Dialog, DialogFooter } from '../dialog.js';
import { ErrorAlert } from '../error-alert.js';
import { CreateKeyForm } from './create-key-form.js';
import { KeyName } from './key-name.js';
import { KeyShownOnce, confirmUnsaved } from './key-shown-once.js';
import { Loading } from './loading.js';
import { keyMessages } from './messages.js';
import { useCatalogue } from './use-catalogue.js';
import { useNewKey } from './use-new-key.js';

interface CreateKeyProps {
  readonly gatewayUrl: string;
  readonly onClose: () => void;
}

/** The confirmation before closing a form that was filled in. */
const confirmDiscard = {
  question: keyMessages.create.confirm,
  text: keyMessages.create.confirmText,
  stay: keyMessages.create.goBack,
  leave: keyMessages.create.leave,
} as const;

/** Creates a key and shows it once, as soon as it is known what a key may do. */
export function CreateKey({ gatewayUrl, onClose }: CreateKeyProps) {
  const { data: catalogue, error, refetch } = useCatalogue();
  const newKey = useNewKey();
  const [isFilledIn, setIsFilledIn] = useState(false);
  const [isSaved, setIsSaved] = useState(false);
  const { state } = newKey;

  if (state.phase === 'created') {
    return (
      <Dialog
        title={keyMessages.shown.heading}
        subject={<KeyName target={state.issued.key} />}
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
  return (
    <Dialog
      title={keyMessages.create.heading}
      onClose={onClose}
      isBusy={state.phase === 'creating'}
      {...(isFilledIn && { confirmClose: confirmDiscard })}
    >
      {catalogue !== undefined && (
        <CreateKeyForm catalogue={catalogue} newKey={newKey} onFilledIn={setIsFilledIn} onCancel={onClose} />
      )}
      {catalogue === undefined && !error && <Loading />}
      {catalogue === undefined && error && (
        <ErrorAlert
          err={error}
          title={keyMessages.create.capabilitiesFailed}
          onRetry={() => void refetch()}
        />
      )}
    </Dialog>
  );
}
