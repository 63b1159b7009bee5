import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';
import { CheckIcon, CopyIcon } from './icons.js';
import { messages } from './messages.js';

interface CopyProps {
  readonly text: string;
  readonly label: string;
  readonly onCopied?: () => void;
  /** Called when the browser forbids copying, as it does without https, so that the text can be selected instead. */
  readonly onRefused?: () => void;
}

/** Copies a text to the clipboard. */
export function CopyButton({
  label,
  variant = 'filled',
  size = 'sm',
  ...props
}: CopyProps & { readonly variant?: string; readonly size?: string }) {
  const { outcome, copy } = useCopy(props);
  const text = { idle: label, copied: messages.copied, refused: messages.copyManually }[outcome];
  return (
    <Button
      variant={variant}
      size={size}
      onClick={copy}
      leftSection={outcome === 'copied' ? <CheckIcon /> : <CopyIcon />}
      aria-live="polite"
    >
      {text}
    </Button>
  );
}

/** The same as an icon, for tight spaces. */
export function CopyIconButton({ label, ...props }: CopyProps) {
  const { outcome, copy } = useCopy(props);
  const text = { idle: label, copied: messages.copied, refused: messages.copyManually }[outcome];
  return (
    <Tooltip label={text}>
      <ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={text}>
        {outcome === 'copied' ? <CheckIcon size={14} /> : <CopyIcon size={14} />}
      </ActionIcon>
    </Tooltip>
  );
}

function useCopy({ text, onCopied, onRefused }: Omit<CopyProps, 'label'>) {
  const [outcome, setOutcome] = useState<'idle' | 'copied' | 'refused'>('idle');
  useEffect(() => {
    if (outcome === 'idle') return;
    const timer = setTimeout(() => setOutcome('idle'), 2_500);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = (): void => {
    write(text).then(
      () => {
        setOutcome('copied');
        onCopied?.();
      },
      () => {
        setOutcome('refused');
        onRefused?.();
      },
    );
  };
  return { outcome, copy };
}

/** Async, so that a missing `navigator.clipboard` (on pages without https, despite its type) is a rejection too. */
async function write(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
}
