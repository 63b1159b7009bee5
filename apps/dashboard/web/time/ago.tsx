import { Text, Tooltip } from '@mantine/core';
import { dayOf, exactTime, relativeTime } from './format.js';
import { useNow } from './now.js';

interface AgoProps {
  readonly at: string;
  readonly everyMs?: number;
  /** What of the exact time stands beside the relative one. All of it is a tooltip. */
  readonly shows?: 'day' | 'time';
}

/** A time relative to now, and when that is. */
export function Ago({ at, everyMs, shows }: AgoProps) {
  const now = useNow(everyMs);
  return (
    <Tooltip label={exactTime(at)}>
      <time dateTime={at}>
        {relativeTime(at, now)}
        {shows !== undefined && (
          <Text component="span" size="xs" c="dimmed" className={`exact-${shows}`}>
            {shows === 'day' ? dayOf(at) : exactTime(at)}
          </Text>
        )}
      </time>
    </Tooltip>
  );
}
