import { Alert, Box, Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useRef, useState } from 'react';
import type { IssuedKey } from '#libs/keys-contract';
import { checkKey } from '../api/keys.js';
import { CopyButton } from '../copy-button.js';
import { ErrorAlert } from '../error-alert.js';
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
  const command = `curl -H "Authorization: Bearer ${token}" ${gatewayUrl}/v1/me`;
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
        data-autofocus
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
            download(`${fileNameOf(key.name)}.env`, `LE_BUREAU_API_KEY=${token}\n`);
            onSaved();
          }}
        >
          {keyMessages.shown.download}
        </Button>
      </Group>
      <Box>
        <Text size="sm" fw={500} mb={4}>
          {keyMessages.shown.tryIt}
        </Text>
        <Box className="well" p="sm">
          <Text component="code" className="key-text" fz={13} display="block">
            {command}
          </Text>
          <Group mt="sm" gap="xs">
            <CopyButton
              text={command}
              label={keyMessages.shown.copyCommand}
              variant="default"
              onCopied={onSaved}
            />
          </Group>
        </Box>
      </Box>
      <TestKey token={token} />
    </Stack>
  );
}

/** Tries the key at the gateway. */
function TestKey({ token }: { readonly token: string }) {
  const [result, setResult] = useState<{ readonly status: number; readonly tookMs: number }>();
  const { state, run } = useAction(async () => {
    setResult(undefined);
    const { status, tookMs } = await checkKey(token);
    setResult({ status, tookMs });
  });
  return (
    <Stack gap="xs" align="flex-start">
      <Button variant="default" loading={state.phase === 'running'} onClick={() => run()}>
        {keyMessages.shown.test}
      </Button>
      <div role="status">
        {result !== undefined && (
          <Text size="sm" c={result.status === 200 ? 'var(--page-good)' : 'error'}>
            {result.status === 200
              ? keyMessages.shown.works(result.tookMs)
              : keyMessages.shown.fails(result.status)}
          </Text>
        )}
      </div>
      {state.phase === 'failed' && <ErrorAlert err={state.err} />}
    </Stack>
  );
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
