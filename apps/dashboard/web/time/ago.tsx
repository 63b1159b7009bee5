import { Tooltip } from '@mantine/core';
import { exactTime, relativeTime } from './format.js';
import { useNow } from './now.js';

/** A time relative to now, with the exact one as a tooltip. */
export function Ago({ at, everyMs }: { readonly at: string; readonly everyMs?: number }) {
  const now = useNow(everyMs);
  return (
    <Tooltip label={exactTime(at)}>
      <time dateTime={at}>{relativeTime(at, now)}</time>
    </Tooltip>
  );
}
