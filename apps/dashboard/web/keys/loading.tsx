import { Skeleton, Stack } from '@mantine/core';
import { messages } from '../messages.js';

/** Stands for a few rows that are not there yet. */
export function Loading() {
  return (
    <Stack className="surface" p="md" role="status" aria-label={messages.loading}>
      {[0, 1, 2].map((row) => (
        <Skeleton key={row} height={44} />
      ))}
    </Stack>
  );
}
