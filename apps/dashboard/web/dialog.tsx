import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { type ReactNode, useEffect, useState } from 'react';
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

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly size?: string;
  /** Asked before closing, when closing loses something. */
  readonly confirmClose?: {
    readonly question: string;
    readonly text: string;
    readonly stay: string;
    readonly leave: string;
  };
  /** While busy, the dialog cannot be closed. */
  readonly isBusy?: boolean;
}

/** A modal dialog, full screen on phones. It is open as long as it is rendered. */
export function Dialog({ title, onClose, children, size = 'lg', confirmClose, isBusy = false }: DialogProps) {
  const isPhone = useMediaQuery('(max-width: 40em)', false, { getInitialValueInEffect: false });
  const [isConfirming, setIsConfirming] = useState(false);
  const needsConfirmation = confirmClose !== undefined;
  useEffect(() => {
    if (!needsConfirmation) return;
    // Leaving the page makes the browser ask, in its own words.
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [needsConfirmation]);
  const close = (): void => {
    if (isBusy) return;
    if (needsConfirmation) setIsConfirming(true);
    else onClose();
  };

  return (
    <>
      <Modal
        opened
        onClose={close}
        title={
          <Text component="span" fw={650} style={{ overflowWrap: 'anywhere' }}>
            {title}
          </Text>
        }
        size={size}
        fullScreen={isPhone}
        closeOnClickOutside={false}
        closeOnEscape={!isConfirming}
        trapFocus={!isConfirming}
        closeButtonProps={{ 'aria-label': messages.close, disabled: isBusy }}
      >
        {children}
      </Modal>
      {/* Rendered only once needed: the Escape that opens it would otherwise close it, too. */}
      {confirmClose && isConfirming && (
        <Modal
          opened
          onClose={() => setIsConfirming(false)}
          title={
            <Text component="span" fw={650}>
              {confirmClose.question}
            </Text>
          }
          size="sm"
          zIndex={300}
          centered
          closeButtonProps={{ 'aria-label': confirmClose.stay }}
        >
          <Stack>
            <Text size="sm">{confirmClose.text}</Text>
            <Stack gap="xs">
              <Button onClick={() => setIsConfirming(false)} data-autofocus>
                {confirmClose.stay}
              </Button>
              <Button variant="default" onClick={onClose}>
                {confirmClose.leave}
              </Button>
            </Stack>
          </Stack>
        </Modal>
      )}
    </>
  );
}
