import { Button, Skeleton, Stack, Text, Title } from '@mantine/core';
import type { SignInProvider } from '../../src/contract.js';
import { ErrorAlert } from '../error-alert.js';
import { messages } from '../messages.js';
import { StaleNote } from '../stale-note.js';
import { EventEntry } from './event-entry.js';
import { auditMessages } from './messages.js';
import { useEvents } from './use-events.js';

/** The audit log tab. */
export function AuditPage({ providers }: { readonly providers: readonly SignInProvider[] }) {
  return (
    <Stack>
      <div>
        <Title order={1} size="h2">
          {auditMessages.heading}
        </Title>
        <Text c="dimmed" size="sm" mt={4}>
          {auditMessages.sub}
        </Text>
      </div>
      <Events providers={providers} />
    </Stack>
  );
}

function Events({ providers }: { readonly providers: readonly SignInProvider[] }) {
  const { data, error, dataUpdatedAt, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useEvents();
  if (data === undefined) {
    if (error) return <ErrorAlert err={error} title={auditMessages.failed} onRetry={() => void refetch()} />;
    return <Skeleton height={200} role="status" aria-label={messages.loading} />;
  }
  const events = data.pages.flatMap((page) => page.events);
  if (events.length === 0) return <Text size="sm">{auditMessages.none}</Text>;
  return (
    <>
      {error && <StaleNote readAt={dataUpdatedAt} onRetry={() => void refetch()} />}
      <ul className="surface events">
        {events.map((event) => (
          <EventEntry key={event.id} event={event} providers={providers} />
        ))}
      </ul>
      {hasNextPage && (
        <Button
          variant="default"
          loading={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
          style={{ alignSelf: 'center' }}
        >
          {auditMessages.showMore}
        </Button>
      )}
    </>
  );
}
