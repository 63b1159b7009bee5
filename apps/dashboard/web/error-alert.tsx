import { Alert, Button, Group } from '@mantine/core';
import { ApiError, NetworkError } from './api/call.js';
import { messages } from './messages.js';

interface ErrorAlertProps {
  readonly err: unknown;
  /** Default: the error's own title. */
  readonly title?: string;
  readonly onRetry?: () => void;
}

/** Says what went wrong and what to do about it. */
export function ErrorAlert({ err, title, onRetry }: ErrorAlertProps) {
  const described = describeError(err);
  return (
    <Alert color="red" variant="light" title={title ?? described.title} role="alert">
      {described.text}
      {onRetry && (
        <Group mt="sm">
          <Button size="xs" variant="default" onClick={onRetry}>
            {messages.tryAgain}
          </Button>
        </Group>
      )}
    </Alert>
  );
}

export function describeError(err: unknown): { readonly title: string; readonly text: string } {
  const { errors } = messages;
  if (err instanceof NetworkError) return { title: errors.unreachable, text: errors.unreachableText };
  if (!(err instanceof ApiError)) return { title: errors.failed, text: errors.unknown };
  if (err.status === 429) {
    return { title: errors.rateLimited, text: errors.rateLimitedText(err.retryAfterSeconds) };
  }
  if (err.code === 'keys_unreachable') {
    return { title: errors.keysUnavailable, text: errors.keysUnavailableText };
  }
  if (err.code === 'signed_out') return { title: errors.sessionEnded, text: errors.sessionEndedText };
  return { title: errors.failed, text: err.message === '' ? errors.unknown : err.message };
}
