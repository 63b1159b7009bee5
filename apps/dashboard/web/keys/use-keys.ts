import {
  type QueryClient,
  type UseInfiniteQueryResult,
  type InfiniteData,
  type UseQueryResult,
  useInfiniteQuery,
  useQuery,
} from '@tanstack/react-query';
import type { Key, KeyPage, KeyState } from '#libs/keys-contract';
import { listKeys, readKey } from '../api/keys.js';

const KEYS = 'keys';
const REFRESH_MS = 30_000;

/** The user's keys in that state, page by page, kept up to date. */
export function useKeys(state: KeyState): UseInfiniteQueryResult<InfiniteData<KeyPage>> {
  return useInfiniteQuery({
    queryKey: [KEYS, state],
    queryFn: ({ pageParam }) => listKeys(state, pageParam),
    initialPageParam: noCursor(),
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    refetchInterval: REFRESH_MS,
  });
}

/** One of the user's keys, whatever its state. */
export function useKey(id: string): UseQueryResult<Key> {
  return useQuery(keyQuery(id));
}

/** The key that another replaces, if it replaces one. */
export function useReplacedKey({ replaces }: Key): UseQueryResult<Key> {
  return useQuery({ ...keyQuery(replaces ?? ''), enabled: replaces !== null });
}

function keyQuery(id: string) {
  return { queryKey: [KEYS, 'one', id], queryFn: () => readKey(id), refetchInterval: REFRESH_MS };
}

/** The keys of all pages loaded so far. */
export function loadedKeys(data: InfiniteData<KeyPage> | undefined): readonly Key[] {
  return data?.pages.flatMap(({ keys }) => keys) ?? [];
}

/** Refetches all lists after a key has changed. */
export async function refreshKeys(queries: QueryClient): Promise<void> {
  await queries.invalidateQueries({ queryKey: [KEYS] });
}

/** For the first page. */
function noCursor(): string | undefined {
  return undefined;
}
