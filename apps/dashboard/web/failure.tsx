import { Alert, Button, Group } from '@mantine/core';
import { ApiError, NetworkError } from './api/call.js';
import { words } from './messages.js';

/** What went wrong, in words, and what one can do about it. */
export function Failure({
  err,
  title,
  onRetry,
}: {
  readonly err: unknown;
  readonly title?: string;
  readonly onRetry?: () => void;
}) {
  const said = describeError(err);
  return (
    <Alert color="red" variant="light" title={title ?? said.title} role="alert">
      {said.text}
      {onRetry && (
        <Group mt="sm">
          <Button size="xs" variant="default" onClick={onRetry}>
            {words.tryAgain}
          </Button>
        </Group>
      )}
    </Alert>
  );
}

/** A failure in words. */
export function describeError(err: unknown): { readonly title: string; readonly text: string } {
  const { failure } = words;
  if (err instanceof NetworkError) return { title: failure.lost, text: failure.lostText };
  if (!(err instanceof ApiError)) return { title: failure.refused, text: failure.unknown };
  if (err.status === 429) return { title: failure.limited, text: failure.limitedText(err.retryAfterSeconds) };
  if (err.code === 'keys_unreachable') return { title: failure.keysAway, text: failure.keysAwayText };
  if (err.code === 'signed_out') return { title: words.session.ended, text: failure.signedOut };
  return { title: failure.refused, text: err.message === '' ? failure.unknown : err.message };
}
