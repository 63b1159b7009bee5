import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { SIGNED_OUT } from '../api/call.js';
import { readSession } from '../api/sign-in.js';
import { describeError } from '../error-alert.js';
import { SIGN_IN_AGAIN } from '../route.js';
import { messages } from '../messages.js';
import { sessionMessages } from './messages.js';
import { SESSION } from './use-session.js';

/** Says that the session has ended, without closing what is underneath: the user signs in in a second tab and continues. */
export function SessionEnded({ userId }: { readonly userId: string }) {
  const [hasEnded, setHasEnded] = useState(false);
  const [problem, setProblem] = useState<string>();
  const queries = useQueryClient();

  const checkSession = useCallback(async (): Promise<void> => {
    try {
      const { user } = await readSession();
      if (user === null) {
        setProblem(sessionMessages.notYet);
        return;
      }
      // Another user: nothing on the page is theirs.
      if (user.id !== userId) {
        window.location.reload();
        return;
      }
      setHasEnded(false);
      setProblem(undefined);
      await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION[0] });
    } catch (err) {
      setProblem(describeError(err).text);
    }
  }, [userId, queries]);

  useEffect(() => {
    const end = (): void => setHasEnded(true);
    window.addEventListener(SIGNED_OUT, end);
    return () => window.removeEventListener(SIGNED_OUT, end);
  }, []);
  useEffect(() => {
    if (!hasEnded) return;
    const check = (): void => void checkSession();
    window.addEventListener('focus', check);
    return () => window.removeEventListener('focus', check);
  }, [hasEnded, checkSession]);

  return (
    <Modal
      opened={hasEnded}
      onClose={() => setHasEnded(false)}
      title={
        <Text component="span" fw={650}>
          {sessionMessages.ended}
        </Text>
      }
      closeButtonProps={{ 'aria-label': messages.close }}
      zIndex={400}
      centered
    >
      <Stack>
        <Text size="sm">{sessionMessages.endedText}</Text>
        {problem !== undefined && (
          <Text size="sm" c="error" role="alert">
            {problem}
          </Text>
        )}
        <Group>
          <Button component="a" href={SIGN_IN_AGAIN} target="_blank" data-autofocus>
            {sessionMessages.signInAgain}
          </Button>
          <Button variant="default" onClick={() => void checkSession()}>
            {sessionMessages.signedInAgain}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
