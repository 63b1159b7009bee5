import { Box, Group, Text } from '@mantine/core';
import { useRef } from 'react';
import { CopyButton } from '../copy-button.js';
import { connectMessages } from './messages.js';

interface CodeBlockProps {
  /** The name of the file, or where else it belongs. */
  readonly title: string;
  readonly text: string;
  readonly onCopied: () => void;
}

/** A text to copy. Long lines are wrapped, so that nothing has to be scrolled sideways. */
export function CodeBlock({ title, text, onCopied }: CodeBlockProps) {
  const code = useRef<HTMLElement>(null);
  const select = (): void => {
    if (code.current) window.getSelection()?.selectAllChildren(code.current);
  };
  return (
    <Box className="well code-block">
      <Group justify="space-between" wrap="nowrap" gap="xs" className="code-block-head">
        <Text component="span" size="xs" c="dimmed" className="key-text">
          {title}
        </Text>
        <CopyButton
          text={text}
          label={connectMessages.copy}
          variant="subtle"
          size="compact-xs"
          onCopied={onCopied}
          onRefused={select}
        />
      </Group>
      <pre>
        <code ref={code}>{text}</code>
      </pre>
    </Box>
  );
}
