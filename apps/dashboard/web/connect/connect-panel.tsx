import { Stack, Tabs, Text } from '@mantine/core';
import { MCP_CAPABILITIES, configurations } from '#libs/client-configuration';
import type { CatalogueView, Key } from '#libs/keys-contract';
import { useCatalogue } from '../keys/use-catalogue.js';
import { CodeBlock } from './code-block.js';
import { connectMessages } from './messages.js';

interface ConnectPanelProps {
  readonly target: Key;
  /** The key's text; undefined if it was shown before, and is not known any more. */
  readonly token?: string;
  readonly gatewayUrl: string;
  /** Called once a configuration was copied that contains the key. */
  readonly onKeyCopied?: () => void;
}

/** Ready configurations for programs and MCP clients, of which one is shown. */
export function ConnectPanel({ target, token, gatewayUrl, onKeyCopied }: ConnectPanelProps) {
  const { data: catalogue } = useCatalogue();
  const placeholder = `${target.publicPart}...${target.last4}`;
  const key = token ?? placeholder;
  const offered = configurations({ gatewayUrl, key }).filter(
    ({ usesMcp }) => !usesMcp || hasTools(catalogue),
  );
  const isWithoutTools = !target.capabilities.some((name) => MCP_CAPABILITIES.includes(name));
  return (
    <Tabs
      variant="none"
      defaultValue={offered[0]?.id ?? null}
      keepMounted={false}
      classNames={{ list: 'program-tabs', tab: 'program-tab' }}
    >
      <Tabs.List aria-label={connectMessages.clients}>
        {offered.map(({ id, title }) => (
          <Tabs.Tab key={id} value={id}>
            {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {offered.map(({ id, usesMcp, file, text, note }) => (
        <Tabs.Panel key={id} value={id} pt="xs">
          <Stack gap="xs">
            {usesMcp && isWithoutTools && (
              <Text size="sm" className="warning-text">
                {connectMessages.noTools}
              </Text>
            )}
            <CodeBlock
              title={file ?? connectMessages.terminal}
              text={text}
              onCopied={() => text.includes(key) && onKeyCopied?.()}
            />
            {token === undefined && text.includes(key) && (
              <Note text={connectMessages.placeholder(placeholder)} />
            )}
            <Note text={note} />
          </Stack>
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

/** Whether keys of this catalogue can use tools at all; assumed until it is known. */
function hasTools(catalogue: CatalogueView | undefined): boolean {
  return catalogue?.capabilities.some(({ name }) => MCP_CAPABILITIES.includes(name)) ?? true;
}

/** A sentence in which texts in backquotes are code. */
function Note({ text }: { readonly text: string }) {
  return (
    <Text size="xs" c="dimmed">
      {text.split('`').map((part, i) => (i % 2 === 0 ? part : <code key={i}>{part}</code>))}
    </Text>
  );
}
