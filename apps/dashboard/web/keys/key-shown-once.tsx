import { Alert, Box, Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useRef, useState } from 'react';
import type { IssuedKey } from '../../src/contract.js';
import { checkKey } from '../api/keys.js';
import { CopyButton } from '../copy-button.js';
import { Failure } from '../failure.js';
import { DownloadIcon } from '../icons.js';
import { useAction } from '../use-action.js';
import { words } from '../messages.js';

interface KeyShownOnceProps {
  readonly issued: IssuedKey;
  readonly gatewayUrl: string;
  /** It was copied or downloaded: nobody needs to be asked whether they have it. */
  readonly onSaved: () => void;
}

/** What is asked before a key that was neither copied nor downloaded is closed. */
export const unsavedGuard = {
  question: words.shown.ask,
  text: words.shown.askText,
  stay: words.shown.goBack,
  leave: words.shown.leave,
} as const;

/** A key's text, for the one and only time, and what one does with it first. */
export function KeyShownOnce({ issued: { key, token }, gatewayUrl, onSaved }: KeyShownOnceProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const command = `curl -H "Authorization: Bearer ${token}" ${gatewayUrl}/v1/me`;
  return (
    <Stack>
      <Alert color="yellow" title={words.shown.once} role="status" />
      <Textarea
        ref={field}
        label={words.shown.key}
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
          label={words.shown.copy}
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
          {words.shown.download}
        </Button>
      </Group>
      <Box>
        <Text size="sm" fw={500} mb={4}>
          {words.shown.try}
        </Text>
        <Box className="well" p="sm">
          <Text component="code" className="key-text" fz={13} display="block">
            {command}
          </Text>
          <Group mt="sm" gap="xs">
            <CopyButton text={command} label={words.shown.copyCommand} variant="default" onCopied={onSaved} />
          </Group>
        </Box>
      </Box>
      <Check token={token} />
    </Stack>
  );
}

/** Asks the gateway what it says to the key. */
function Check({ token }: { readonly token: string }) {
  const [answer, setAnswer] = useState<{ readonly status: number; readonly tookMs: number }>();
  const { state, run } = useAction(async () => {
    setAnswer(undefined);
    const { status, tookMs } = await checkKey(token);
    setAnswer({ status, tookMs });
  });
  return (
    <Stack gap="xs" align="flex-start">
      <Button variant="default" loading={state.phase === 'running'} onClick={() => run()}>
        {words.shown.check}
      </Button>
      <div role="status">
        {answer !== undefined && (
          <Text size="sm" c={answer.status === 200 ? 'var(--page-good)' : 'error'}>
            {answer.status === 200 ? words.shown.works(answer.tookMs) : words.shown.worksNot(answer.status)}
          </Text>
        )}
      </div>
      {state.phase === 'failed' && <Failure err={state.err} />}
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
