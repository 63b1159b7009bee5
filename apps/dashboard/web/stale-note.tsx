import { Anchor, Text } from '@mantine/core';
import { messages } from './messages.js';
import { relativeTime } from './time/format.js';
import { useNow } from './time/now.js';

interface StaleNoteProps {
  /** When what is shown was read, in milliseconds since 1970. */
  readonly readAt: number;
  readonly onRetry: () => void;
}

/** Says that what is shown could not be read again. It is still worth looking at, so this is no alert. */
export function StaleNote({ readAt, onRetry }: StaleNoteProps) {
  const now = useNow();
  return (
    <Text size="sm" role="status" className="warning-text">
      {messages.stale(relativeTime(new Date(readAt).toISOString(), now))}{' '}
      <Anchor component="button" size="sm" onClick={onRetry}>
        {messages.tryAgain}
      </Anchor>
    </Text>
  );
}
