import { Stack } from '@mantine/core';
import { Dialog } from '../dialog.js';
import { ErrorAlert } from '../error-alert.js';
import { CreateKeyForm } from './create-key-form.js';
import { Loading } from './loading.js';
import { keyMessages } from './messages.js';
import { useCatalogue } from './use-catalogue.js';

interface CreateKeyProps {
  readonly gatewayUrl: string;
  readonly onClose: () => void;
}

/** Creates a key and shows it once, as soon as it is known what a key may do. */
export function CreateKey({ gatewayUrl, onClose }: CreateKeyProps) {
  const { data: catalogue, error, refetch } = useCatalogue();
  if (catalogue !== undefined)
    return <CreateKeyForm catalogue={catalogue} gatewayUrl={gatewayUrl} onClose={onClose} />;
  return (
    <Dialog title={keyMessages.create.heading} onClose={onClose}>
      <Stack>
        {error ? (
          <ErrorAlert
            err={error}
            title={keyMessages.create.capabilitiesFailed}
            onRetry={() => void refetch()}
          />
        ) : (
          <Loading />
        )}
      </Stack>
    </Dialog>
  );
}
