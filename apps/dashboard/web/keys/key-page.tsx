import { Anchor, Badge, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Key } from '#libs/keys-contract';
import { ErrorAlert } from '../error-alert.js';
import { StaleNote } from '../stale-note.js';
import { dayOf } from '../time/format.js';
import { API_KEYS, linkTo } from '../route.js';
import { messages } from '../messages.js';
import { ActivityList } from './activity-list.js';
import { KeyActions } from './key-actions.js';
import { KeyDetails } from './key-details.js';
import { Replaced } from './key-fields.js';
import { keyMessages } from './messages.js';
import { type Open, OpenDialog } from './open-dialog.js';
import { UsageChart } from './usage-chart.js';
import { UsageSummary } from './usage-summary.js';
import { useUsage } from './use-usage.js';
import { loadedKeys, useKey, useKeys } from './use-keys.js';

interface KeyPageProps {
  readonly keyId: string;
  readonly gatewayUrl: string;
}

/** `/settings/keys/<id>`: all about one key, whatever its state. */
export function KeyPage({ keyId, gatewayUrl }: KeyPageProps) {
  const { data: target, error, dataUpdatedAt, refetch } = useKey(keyId);
  return (
    <Stack gap="lg">
      <Anchor size="sm" {...linkTo(API_KEYS)}>
        ← {keyMessages.page.back}
      </Anchor>
      {target === undefined && error && (
        <ErrorAlert err={error} title={keyMessages.page.failed} onRetry={() => void refetch()} />
      )}
      {target === undefined && !error && (
        <Skeleton height={200} role="status" aria-label={messages.loading} />
      )}
      {target && error && <StaleNote readAt={dataUpdatedAt} onRetry={() => void refetch()} />}
      {target && <AboutKey target={target} gatewayUrl={gatewayUrl} />}
    </Stack>
  );
}

function AboutKey({ target, gatewayUrl }: { readonly target: Key; readonly gatewayUrl: string }) {
  const [open, setOpen] = useState<Open>();
  const act = (dialog: Exclude<Open['dialog'], 'create'>, key: Key): void => setOpen({ dialog, key });
  const replacement = useReplacement(target);
  const { page, details } = keyMessages;
  return (
    <>
      <Heading target={target}>
        <KeyActions target={target} onAction={act} />
      </Heading>
      {target.state === 'active' && replacement && (
        <Replaced target={target} replacement={replacement} onAction={act} />
      )}
      <div className="key-page">
        <Section title={page.usage}>
          <Chart target={target} />
          <UsageSummary target={target} />
        </Section>
        <Section title={details.heading}>
          <KeyDetails target={target} />
        </Section>
      </div>
      <Section title={keyMessages.activity.heading}>
        <ActivityList keyId={target.id} />
      </Section>
      {open && <OpenDialog open={open} gatewayUrl={gatewayUrl} onClose={() => setOpen(undefined)} />}
    </>
  );
}

function Chart({ target }: { readonly target: Key }) {
  const { data } = useUsage(target);
  if (data === undefined) return <Skeleton height={120} />;
  return data.hours.length === 0 ? null : <UsageChart hours={data.hours} />;
}

function Heading({ target, children }: { readonly target: Key; readonly children: ReactNode }) {
  const { name, last4, createdAt } = target;
  const heading = useRef<HTMLHeadingElement>(null);
  // The link that led here is gone.
  useEffect(() => heading.current?.focus(), []);
  useEffect(() => {
    document.title = `${name}, …${last4} · ${messages.title.apiKeys}`;
  }, [name, last4]);
  return (
    <div>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Group gap="sm" miw={0}>
          <Title ref={heading} tabIndex={-1} order={1} size="h2" className="key-name">
            {name}
          </Title>
          <State target={target} />
        </Group>
        {children}
      </Group>
      <Text c="dimmed" size="sm">
        <code className="last-four">…{last4}</code> · {keyMessages.created(dayOf(createdAt))}
      </Text>
    </div>
  );
}

function State({ target: { state } }: { readonly target: Key }) {
  const { states } = keyMessages.details;
  const known = Object.entries(states).find(([name]) => name === state)?.[1];
  return (
    <Badge variant="default" tt="none" data-state={state} className="key-state">
      {known ?? state}
    </Badge>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Stack component="section" aria-label={title} className="surface" p="md" gap="sm">
      <Title order={2} size="h5">
        {title}
      </Title>
      {children}
    </Stack>
  );
}

/** The key that replaces this one, if it has not ended. */
function useReplacement({ id }: Key): Key | undefined {
  const { data } = useKeys('active');
  return loadedKeys(data).find(({ replaces }) => replaces === id);
}
