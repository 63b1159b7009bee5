import { Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { KEY_TEST_ROUTE, type KeyActivity } from '#libs/keys-contract';
import { readActivity } from '../api/keys.js';
import { ErrorAlert } from '../error-alert.js';
import { StaleNote } from '../stale-note.js';
import { Ago } from '../time/ago.js';
import { messages } from '../messages.js';
import { describeStatus } from './describe-status.js';
import { keyMessages } from './messages.js';

/** Gateways report every 20 seconds. */
const REFRESH_MS = 5_000;

/** A key's recent requests, kept up to date. */
export function ActivityList({ keyId }: { readonly keyId: string }) {
  const { data, dataUpdatedAt, error, refetch } = useQuery({
    queryKey: ['activity', keyId],
    queryFn: () => readActivity(keyId),
    refetchInterval: REFRESH_MS,
  });
  if (data === undefined) {
    if (error)
      return <ErrorAlert err={error} title={keyMessages.activity.failed} onRetry={() => void refetch()} />;
    return <Skeleton height={44} role="status" aria-label={messages.loading} />;
  }
  return (
    <Stack gap="xs">
      {error && <StaleNote readAt={dataUpdatedAt} onRetry={() => void refetch()} />}
      {data.activity.length === 0 ? (
        <Text size="sm">{keyMessages.activity.none}</Text>
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
        {keyMessages.activity.delay}
      </Text>
    </Stack>
  );
}

function Entry({ route, status, address, count, lastAt }: KeyActivity['activity'][number]) {
  return (
    <li>
      {route === KEY_TEST_ROUTE ? (
        <Text size="sm">{keyMessages.activity.test}</Text>
      ) : (
        <Text component="code" className="key-text" fz={13}>
          {route}
        </Text>
      )}
      <span className="response-status" {...(status >= 400 && { 'data-refused': true })}>
        {describeStatus(status)}
      </span>
      <Text size="xs" c="dimmed" component="div">
        {keyMessages.activity.requests(count, address)} ·{' '}
        <Ago at={lastAt} everyMs={REFRESH_MS} shows="time" />
      </Text>
    </li>
  );
}
