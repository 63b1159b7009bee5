import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { type ReactNode, useEffect, useState } from 'react';
import { words } from './messages.js';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly size?: string;
  /** Asked before it is closed, when closing loses something. */
  readonly guard?: {
    readonly question: string;
    readonly text: string;
    readonly stay: string;
    readonly leave: string;
  };
  /** Whether it cannot be closed, since something is going on. */
  readonly isBusy?: boolean;
}

/** A dialog; on phones it fills the screen. It is open for as long as it is rendered. */
export function Dialog({ title, onClose, children, size = 'lg', guard, isBusy = false }: DialogProps) {
  const isPhone = useMediaQuery('(max-width: 40em)', false, { getInitialValueInEffect: false });
  const [isAsking, setIsAsking] = useState(false);
  const isGuarded = guard !== undefined;
  useEffect(() => {
    if (!isGuarded) return;
    // The browser asks in its own words when the page is left.
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [isGuarded]);
  const close = (): void => {
    if (isBusy) return;
    if (isGuarded) setIsAsking(true);
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
        closeOnEscape={!isAsking}
        trapFocus={!isAsking}
        closeButtonProps={{ 'aria-label': words.close, disabled: isBusy }}
      >
        {children}
      </Modal>
      {/* Not there before it is asked: the Escape that asks would also be its own. */}
      {guard && isAsking && (
        <Modal
          opened
          onClose={() => setIsAsking(false)}
          title={
            <Text component="span" fw={650}>
              {guard.question}
            </Text>
          }
          size="sm"
          zIndex={300}
          centered
          closeButtonProps={{ 'aria-label': guard.stay }}
        >
          <Stack>
            <Text size="sm">{guard.text}</Text>
            <Group>
              <Button onClick={() => setIsAsking(false)} data-autofocus>
                {guard.stay}
              </Button>
              <Button variant="default" onClick={onClose}>
                {guard.leave}
              </Button>
            </Group>
          </Stack>
        </Modal>
      )}
    </>
  );
}
