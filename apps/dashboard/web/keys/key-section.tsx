import { Button, Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Key, KeyState } from '#libs/keys-contract';
import { ErrorAlert } from '../error-alert.js';
import { KeyIcon, PlusIcon, SearchIcon } from '../icons.js';
import { StaleNote } from '../stale-note.js';
import { keyMessages } from './messages.js';
import { arrange, SORTS, type Sort } from './arrange-keys.js';
import type { KeyAction } from './key-actions.js';
import { KeyList } from './key-list.js';
import { Loading } from './loading.js';
import { loadedKeys, useKeys } from './use-keys.js';

interface KeySectionProps {
  readonly state: KeyState;
  readonly onAction: (action: KeyAction, key: Key) => void;
  /** If given, an empty section offers to create a key. */
  readonly onCreate?: () => void;
  /** Whether nothing is shown without such keys, nor before it is known. */
  readonly isOptional?: boolean;
}

/** Search and sort are shown for more keys than fit on a screen. */
const SEARCH_FROM = 9;

/** The keys in one state, while loading, failed, empty or loaded. */
export function KeySection({ state, onAction, onCreate, isOptional = false }: KeySectionProps) {
  const { data, dataUpdatedAt, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useKeys(state);
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState<Sort>('newest');
  const keys = loadedKeys(data);
  // Search and sort need all pages.
  const needsAll = (search !== '' || sort !== 'newest') && hasNextPage && !isFetchingNextPage && !error;
  useEffect(() => {
    if (needsAll) void fetchNextPage();
  }, [needsAll, fetchNextPage]);

  if (data === undefined) {
    if (error)
      return <ErrorAlert err={error} title={keyMessages.list.failed} onRetry={() => void refetch()} />;
    return isOptional ? null : <Loading />;
  }
  if (keys.length === 0 && isOptional) return null;
  if (keys.length === 0) return onCreate ? <FirstKey onCreate={onCreate} /> : <NoKeys state={state} />;
  const shown = arrange(keys, search, sort);
  return (
    <Stack component="section" aria-label={keyMessages.list.sections[state]}>
      {state !== 'active' && (
        <Title order={2} size="h4">
          {keyMessages.list.sections[state]}
        </Title>
      )}
      {error && <StaleNote readAt={dataUpdatedAt} onRetry={() => void refetch()} />}
      {keys.length >= SEARCH_FROM && (
        <Group>
          <TextInput
            flex={1}
            miw={180}
            type="search"
            aria-label={keyMessages.list.search}
            placeholder={keyMessages.list.search}
            leftSection={<SearchIcon />}
            value={search}
            onChange={({ currentTarget }) => setSearch(currentTarget.value)}
          />
          <NativeSelect
            aria-label={keyMessages.list.sortBy}
            value={sort}
            onChange={({ currentTarget }) =>
              setSort(SORTS.find((one) => one === currentTarget.value) ?? 'newest')
            }
            data={SORTS.map((one) => ({ value: one, label: keyMessages.list.sort[one] }))}
          />
        </Group>
      )}
      <div role="status" style={{ display: 'contents' }}>
        {shown.length === 0 && <Text c="dimmed">{keyMessages.list.nothingFound}</Text>}
      </div>
      {shown.length > 0 && <KeyList keys={shown} all={keys} onAction={onAction} />}
      {hasNextPage && (
        <Group justify="center">
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {keyMessages.list.more}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function FirstKey({ onCreate }: { readonly onCreate: () => void }) {
  return (
    <Stack className="surface" align="center" ta="center" px="md" py={56} gap="xs">
      <span className="logo">
        <KeyIcon />
      </span>
      <Title order={2} size="h4" mt="xs">
        {keyMessages.list.empty}
      </Title>
      <Text c="dimmed" size="sm" maw={460} className="balanced">
        {keyMessages.list.emptyText}
      </Text>
      <Button mt="md" leftSection={<PlusIcon />} onClick={onCreate}>
        {keyMessages.list.emptyCreate}
      </Button>
    </Stack>
  );
}

function NoKeys({ state }: { readonly state: KeyState }) {
  return (
    <Text c="dimmed" size="sm">
      {keyMessages.list.none[state]}
    </Text>
  );
}
