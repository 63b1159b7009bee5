import { Skeleton, Text } from '@mantine/core';
import type { Key, Usage } from '#libs/keys-contract';
import { ErrorAlert } from '../error-alert.js';
import { StaleNote } from '../stale-note.js';
import { Ago } from '../time/ago.js';
import { messages } from '../messages.js';
import { describeUsage } from './describe-usage.js';
import { keyMessages } from './messages.js';
import { useUsage } from './use-usage.js';

/** How many addresses are listed before the rest is only counted. */
const LISTED = 3;

/** How much a key was used within a day and a week, and from where. */
export function UsageSummary({ target }: { readonly target: Key }) {
  const { usage: texts } = keyMessages;
  const { data, dataUpdatedAt, error, refetch } = useUsage(target);
  if (data === undefined) {
    return error ? (
      <ErrorAlert err={error} title={texts.failed} onRetry={() => void refetch()} />
    ) : (
      <Skeleton height={60} role="status" aria-label={messages.loading} />
    );
  }
  const { lastDay, lastWeek, lastAt } = data;
  return (
    <dl className="usage">
      {error && (
        <div>
          <dd>
            <StaleNote readAt={dataUpdatedAt} onRetry={() => void refetch()} />
          </dd>
        </div>
      )}
      <Period name={texts.lastDay} usage={lastDay} />
      {lastWeek && <Period name={texts.lastWeek} usage={lastWeek} />}
      {lastAt !== null && (
        <div>
          <dt>{texts.lastRequest}</dt>
          <dd>
            <Ago at={lastAt} everyMs={3_000} />
          </dd>
        </div>
      )}
    </dl>
  );
}

function Period({ name, usage }: { readonly name: string; readonly usage: Usage }) {
  const { addresses, addressCount } = usage;
  const listed = addressCount === 1 ? [] : addresses.slice(0, LISTED);
  const isMore = addressCount === null || addressCount > LISTED;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {describeUsage(usage)}
        {listed.length > 0 && (
          <Text component="div" size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {listed.join(', ')}
            {isMore && '…'}
          </Text>
        )}
      </dd>
    </div>
  );
}
