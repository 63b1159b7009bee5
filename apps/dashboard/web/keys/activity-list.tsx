import { Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { KeyActivity } from '../../src/contract.js';
import { readActivity } from '../api/keys.js';
import { Failure } from '../failure.js';
import { Ago } from '../time/ago.js';
import { words } from '../messages.js';

/** Gateways tell every 20 seconds what keys have done. */
const LOOK_EVERY_MS = 5_000;

/** What a key has done lately, looked at again and again. */
export function ActivityList({ keyId }: { readonly keyId: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['activity', keyId],
    queryFn: () => readActivity(keyId),
    refetchInterval: LOOK_EVERY_MS,
  });
  if (data === undefined) {
    if (error) return <Failure err={error} title={words.activity.failed} onRetry={() => void refetch()} />;
    return <Skeleton height={44} role="status" aria-label={words.loading} />;
  }
  return (
    <Stack gap="xs">
      {data.activity.length === 0 ? (
        <Text size="sm">{words.activity.none}</Text>
      ) : (
        <ul className="well activity">
          {data.activity.map((entry) => (
            <Entry
              key={`${entry.route} ${entry.status} ${entry.address ?? ''} ${entry.firstAt}`}
              {...entry}
            />
          ))}
        </ul>
      )}
      <Text size="xs" c="dimmed">
        {words.activity.late}
      </Text>
    </Stack>
  );
}

function Entry({ route, status, address, count, lastAt }: KeyActivity['activity'][number]) {
  return (
    <li>
      <Text component="code" className="key-text" fz={13}>
        {route}
      </Text>
      <span className="answered" {...(status >= 400 && { 'data-refused': true })}>
        {words.activity.status(status)}
      </span>
      <Text size="xs" c="dimmed" component="div">
        {words.activity.counted(count, address)} <Ago at={lastAt} everyMs={LOOK_EVERY_MS} />
      </Text>
    </li>
  );
}
