import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { currentOpener, focusOpener } from './focus.js';
import { messages } from './messages.js';

/** The buttons of a dialog, always in sight: put it last. An `error` stands above them, where it cannot be missed. */
export function DialogFooter({
  children,
  error,
  hint,
}: {
  readonly children: ReactNode;
  readonly error?: ReactNode;
  readonly hint?: string;
}) {
  return (
    <Stack className="dialog-footer" gap="sm">
      {error}
      <Group justify={hint === undefined ? 'flex-end' : 'space-between'}>
        {hint !== undefined && (
          <Text size="xs" c="dimmed">
            {hint}
          </Text>
        )}
        <Group gap="sm">{children}</Group>
      </Group>
    </Stack>
  );
}

/** The question before closing what closing would lose. */
export interface ConfirmClose {
  readonly question: string;
  readonly text: string;
  readonly stay: string;
  readonly leave: string;
}

interface DialogProps {
  readonly title: string;
  /** What it is about, below the title. */
  readonly subject?: ReactNode;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly size?: string;
  /** Asked before closing, when closing loses something. */
  readonly confirmClose?: ConfirmClose;
  /** While busy, the dialog cannot be closed. */
  readonly isBusy?: boolean;
}

/** A modal dialog, full screen on phones. It is open as long as it is rendered; then the focus returns to what opened it. */
export function Dialog({
  title,
  subject,
  onClose,
  children,
  size = 'lg',
  confirmClose,
  isBusy = false,
}: DialogProps) {
  const isPhone = useMediaQuery('(max-width: 40em)', false, { getInitialValueInEffect: false });
  const [isConfirming, setIsConfirming] = useState(false);
  const needsConfirmation = confirmClose !== undefined;
  useFocusReturn();
  const content = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // What had the focus is gone, as a button of the step before.
    if (document.activeElement === document.body) content.current?.focus();
  });
  useEffect(() => {
    if (!needsConfirmation) return;
    // Leaving the page makes the browser ask, in its own words.
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [needsConfirmation]);
  // Set before the browser handles another key: Mantine may still call the function of an earlier rendering.
  const closing = useRef({ isBusy, needsConfirmation });
  useLayoutEffect(() => {
    closing.current = { isBusy, needsConfirmation };
  });
  const close = (): void => {
    if (closing.current.isBusy) return;
    if (closing.current.needsConfirmation) setIsConfirming(true);
    else onClose();
  };

  return (
    <>
      <Modal
        opened
        onClose={close}
        title={<DialogTitle title={title} subject={subject} />}
        size={size}
        fullScreen={isPhone}
        closeOnClickOutside={false}
        closeOnEscape={!isConfirming}
        trapFocus={!isConfirming}
        returnFocus={false}
        closeButtonProps={{ 'aria-label': messages.close, disabled: isBusy }}
      >
        <div ref={content} tabIndex={-1} className="dialog-content">
          {children}
        </div>
      </Modal>
      {/* Rendered only once needed: the Escape that opens it would otherwise close it, too. */}
      {confirmClose && isConfirming && (
        <Confirmation {...confirmClose} onStay={() => setIsConfirming(false)} onLeave={onClose} />
      )}
    </>
  );
}

type ConfirmationProps = ConfirmClose & { readonly onStay: () => void; readonly onLeave: () => void };

function Confirmation({ question, text, stay, leave, onStay, onLeave }: ConfirmationProps) {
  useFocusReturn();
  return (
    <Modal
      opened
      onClose={onStay}
      title={<DialogTitle title={question} />}
      size="sm"
      zIndex={300}
      centered
      returnFocus={false}
      closeButtonProps={{ 'aria-label': stay }}
    >
      <Stack>
        <Text size="sm">{text}</Text>
        <Stack gap="xs">
          <Button onClick={onStay} autoFocus data-autofocus>
            {stay}
          </Button>
          <Button variant="default" onClick={onLeave}>
            {leave}
          </Button>
        </Stack>
      </Stack>
    </Modal>
  );
}

function DialogTitle({ title, subject }: Pick<DialogProps, 'title' | 'subject'>) {
  return (
    <>
      <Text component="span" display="block" fw={650} style={{ overflowWrap: 'anywhere' }}>
        {title}
      </Text>
      {subject}
    </>
  );
}

/** Returns the focus once the component is gone. Mantine's own way needs a dialog that is rendered before it opens. */
function useFocusReturn(): void {
  // Read while rendering: when effects run, the dialog already has the focus.
  const [opener] = useState(currentOpener);
  useEffect(
    () => () => {
      // After the focus trap of the dialog, which is removed with it.
      setTimeout(() => focusOpener(opener));
    },
    [opener],
  );
}
