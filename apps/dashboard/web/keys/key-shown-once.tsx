import { Alert, Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useRef, useState } from 'react';
import { envFile } from '#libs/client-configuration';
import { type IssuedKey, problemSchema } from '#libs/keys-contract';
import type { KeyCheck } from '../../src/contract.js';
import { checkKey } from '../api/keys.js';
import { ConnectPanel } from '../connect/connect-panel.js';
import { connectMessages } from '../connect/messages.js';
import { CopyButton } from '../copy-button.js';
import { ActionError } from '../error-alert.js';
import { DownloadIcon } from '../icons.js';
import { useAction } from '../use-action.js';
import { keyMessages } from './messages.js';

interface KeyShownOnceProps {
  readonly issued: IssuedKey;
  readonly gatewayUrl: string;
  /** Called once the key was copied or downloaded, so closing needs no confirmation. */
  readonly onSaved: () => void;
}

/** The confirmation before closing a key that was neither copied nor downloaded. */
export const confirmUnsaved = {
  question: keyMessages.shown.confirm,
  text: keyMessages.shown.confirmText,
  stay: keyMessages.shown.goBack,
  leave: keyMessages.shown.leave,
} as const;

/** The text of a new key, shown once, with ways to save and try it. */
export function KeyShownOnce({ issued: { key, token }, gatewayUrl, onSaved }: KeyShownOnceProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const test = useKeyTest(token);
  return (
    <Stack>
      <Alert color="yellow" title={keyMessages.shown.once} role="status" />
      <Textarea
        ref={field}
        label={keyMessages.shown.key}
        value={token}
        readOnly
        autosize
        spellCheck={false}
        autoComplete="off"
        onFocus={(event) => event.currentTarget.select()}
        classNames={{ input: 'key-text' }}
        autoFocus
      />
      <Group gap="xs">
        <CopyButton
          text={token}
          label={keyMessages.shown.copy}
          onCopied={onSaved}
          onRefused={() => field.current?.focus()}
        />
        <Button
          variant="default"
          leftSection={<DownloadIcon />}
          onClick={() => {
            download(`${fileNameOf(key.name)}.env`, `${envFile({ gatewayUrl, key: token })}\n`);
            onSaved();
          }}
        >
          {keyMessages.shown.download}
        </Button>
        <Button variant="default" loading={test.isRunning} onClick={test.run}>
          {keyMessages.shown.test}
        </Button>
      </Group>
      {test.outcome}
      <div>
        <Text size="sm" fw={600} mb={4}>
          {connectMessages.panel}
        </Text>
        <ConnectPanel target={key} token={token} gatewayUrl={gatewayUrl} onKeyCopied={onSaved} />
      </div>
    </Stack>
  );
}

/** Tries the key at the gateway. */
function useKeyTest(token: string) {
  const [result, setResult] = useState<KeyCheck>();
  const { state, run } = useAction(async () => {
    setResult(undefined);
    setResult(await checkKey(token));
  });
  const outcome = (
    <>
      <div role="status" style={{ display: 'contents' }}>
        {result !== undefined && (
          <Text size="sm" c={result.status === 200 ? 'var(--page-good)' : 'error'}>
            {result.status === 200 ? keyMessages.shown.works(result.tookMs) : failure(result)}
          </Text>
        )}
      </div>
      {state.phase === 'failed' && <ActionError err={state.err} />}
    </>
  );
  return { isRunning: state.phase === 'running', run: () => run(), outcome };
}

function failure({ status, body }: KeyCheck): string {
  const problem = problemSchema.safeParse(body);
  const isElsewhere = problem.success && problem.data.code === 'address_not_allowed';
  return isElsewhere ? keyMessages.shown.failsHere : keyMessages.shown.fails(status);
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** `production-ci`. */
function fileNameOf(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return plain === '' ? 'api-key' : plain;
}
