import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { SIGNED_OUT } from '../api/call.js';
import { readSession } from '../api/sign-in.js';
import { describeError } from '../failure.js';
import { SIGN_IN_AGAIN } from '../route.js';
import { words } from '../messages.js';
import { SESSION } from './use-session.js';

/** Says that the session is over, over whatever somebody was doing: they sign in beside it, and go on. */
export function SessionEnded({ userId }: { readonly userId: string }) {
  const [hasEnded, setHasEnded] = useState(false);
  const [problem, setProblem] = useState<string>();
  const queries = useQueryClient();

  const look = useCallback(async (): Promise<void> => {
    try {
      const { user } = await readSession();
      if (user === null) {
        setProblem(words.session.notYet);
        return;
      }
      // Somebody else: nothing of what is on the page is theirs.
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
    const lookWhenBack = (): void => void look();
    window.addEventListener('focus', lookWhenBack);
    return () => window.removeEventListener('focus', lookWhenBack);
  }, [hasEnded, look]);

  return (
    <Modal
      opened={hasEnded}
      onClose={() => setHasEnded(false)}
      title={words.session.ended}
      closeButtonProps={{ 'aria-label': words.close }}
      zIndex={400}
      centered
    >
      <Stack>
        <Text size="sm">{words.session.endedText}</Text>
        {problem !== undefined && (
          <Text size="sm" c="error" role="alert">
            {problem}
          </Text>
        )}
        <Group>
          <Button component="a" href={SIGN_IN_AGAIN} target="_blank" data-autofocus>
            {words.session.signInAgain}
          </Button>
          <Button variant="default" onClick={() => void look()}>
            {words.session.signedInAgain}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
