import { Button, Group, NativeSelect, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Key, KeyState } from '../../src/contract.js';
import { Failure } from '../failure.js';
import { KeyIcon, PlusIcon, SearchIcon } from '../icons.js';
import { words } from '../messages.js';
import { arrange, SORTS, type Sort } from './arrange-keys.js';
import type { KeyAction } from './key-actions.js';
import { KeyList } from './key-list.js';
import { loadedKeys, useKeys } from './use-keys.js';

interface KeySectionProps {
  readonly state: KeyState;
  readonly onAction: (action: KeyAction, key: Key) => void;
  /** Offered where there is none yet. */
  readonly onCreate?: () => void;
}

/** With fewer, one sees them all. */
const SEARCHABLE = 8;

/** The keys in one state: loading, failed, none, or some. */
export function KeySection({ state, onAction, onCreate }: KeySectionProps) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useKeys(state);
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState<Sort>('newest');
  const keys = loadedKeys(data);
  // What is searched or sorted must be all of them.
  const needsAll = (search !== '' || sort !== 'newest') && hasNextPage && !isFetchingNextPage && !error;
  useEffect(() => {
    if (needsAll) void fetchNextPage();
  }, [needsAll, fetchNextPage]);

  if (data === undefined) {
    if (error) return <Failure err={error} title={words.keys.failed} onRetry={() => void refetch()} />;
    return <Loading />;
  }
  if (keys.length === 0) return onCreate ? <Empty onCreate={onCreate} /> : <NoneOf state={state} />;
  const shown = arrange(keys, search, sort);
  return (
    <Stack component="section" aria-label={words.keys.sections[state]}>
      {state !== 'active' && (
        <Title order={2} size="h4">
          {words.keys.sections[state]}
        </Title>
      )}
      {error && <Failure err={error} title={words.keys.failed} onRetry={() => void refetch()} />}
      {keys.length > SEARCHABLE && (
        <Group>
          <TextInput
            flex={1}
            miw={180}
            type="search"
            aria-label={words.keys.search}
            placeholder={words.keys.search}
            leftSection={<SearchIcon />}
            value={search}
            onChange={({ currentTarget }) => setSearch(currentTarget.value)}
          />
          <NativeSelect
            aria-label={words.keys.sortBy}
            value={sort}
            onChange={({ currentTarget }) =>
              setSort(SORTS.find((one) => one === currentTarget.value) ?? 'newest')
            }
            data={SORTS.map((one) => ({ value: one, label: words.keys.sort[one] }))}
          />
        </Group>
      )}
      <div role="status" style={{ display: 'contents' }}>
        {shown.length === 0 && <Text c="dimmed">{words.keys.nothingFound}</Text>}
      </div>
      {shown.length > 0 && <KeyList keys={shown} all={keys} onAction={onAction} />}
      {hasNextPage && (
        <Group justify="center">
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {words.keys.more}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function Loading() {
  return (
    <Stack className="surface" p="md" role="status" aria-label={words.loading}>
      {[0, 1, 2].map((row) => (
        <Skeleton key={row} height={44} />
      ))}
    </Stack>
  );
}

function Empty({ onCreate }: { readonly onCreate: () => void }) {
  return (
    <Stack className="surface" align="center" ta="center" px="md" py={56} gap="xs">
      <span className="mark">
        <KeyIcon />
      </span>
      <Title order={2} size="h4" mt="xs">
        {words.keys.empty}
      </Title>
      <Text c="dimmed" size="sm" maw={460}>
        {words.keys.emptyText}
      </Text>
      <Button mt="md" leftSection={<PlusIcon />} onClick={onCreate}>
        {words.keys.emptyCreate}
      </Button>
    </Stack>
  );
}

function NoneOf({ state }: { readonly state: KeyState }) {
  return (
    <Text c="dimmed" size="sm">
      {words.keys.sections[state]}: {words.keys.none}
    </Text>
  );
}
