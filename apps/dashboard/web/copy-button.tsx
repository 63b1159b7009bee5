import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';
import { CheckIcon, CopyIcon } from './icons.js';
import { words } from './messages.js';

interface CopyProps {
  readonly text: string;
  readonly label: string;
  readonly onCopied?: () => void;
  /** Where the browser forbids copying, as it does without https: what shows the text selects it. */
  readonly onRefused?: () => void;
}

/** Copies a text and says so. */
export function CopyButton({
  label,
  variant = 'filled',
  ...props
}: CopyProps & { readonly variant?: string }) {
  const { outcome, copy } = useCopy(props);
  const says = { idle: label, copied: words.copied, refused: words.copyByHand }[outcome];
  return (
    <Button
      variant={variant}
      onClick={copy}
      leftSection={outcome === 'copied' ? <CheckIcon /> : <CopyIcon />}
      aria-live="polite"
    >
      {says}
    </Button>
  );
}

/** The same, where there is room for a sign only. */
export function CopySign({ label, ...props }: CopyProps) {
  const { outcome, copy } = useCopy(props);
  const says = { idle: label, copied: words.copied, refused: words.copyByHand }[outcome];
  return (
    <Tooltip label={says}>
      <ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={says}>
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

/** On a page without https `navigator.clipboard` is not there, which its type does not say: the rejection is. */
async function write(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
}
