import { Alert, type AlertProps, Button, Group } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
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
      {onRetry && <Retry onRetry={onRetry} />}
    </Alert>
  );
}

function Retry({ onRetry }: { readonly onRetry: () => void }) {
  return (
    <Group mt="sm">
      <Button size="xs" variant="default" onClick={onRetry}>
        {messages.tryAgain}
      </Button>
    </Group>
  );
}

/** What went wrong with something that the person has just done. */
export function ActionError({ err }: { readonly err: unknown }) {
  const { title, text } = describeError(err);
  return (
    <ActionAlert color="red" title={title}>
      {text}
    </ActionAlert>
  );
}

/** An alert about what the person has just done. It takes the focus, so that it is in sight and read out. */
export function ActionAlert({ children, ...props }: AlertProps & { readonly children: ReactNode }) {
  const alert = useRef<HTMLDivElement>(null);
  useEffect(() => alert.current?.focus(), []);
  return (
    <Alert ref={alert} tabIndex={-1} role="alert" {...props}>
      {children}
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
