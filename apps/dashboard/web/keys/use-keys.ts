import {
  type QueryClient,
  type UseInfiniteQueryResult,
  type InfiniteData,
  useInfiniteQuery,
} from '@tanstack/react-query';
import type { Key, KeyPage, KeyState } from '../../src/contract.js';
import { listKeys } from '../api/keys.js';

const KEYS = 'keys';
const LIST_EVERY_MS = 30_000;

/** The person's keys in a state, page by page, looked at again every so often. */
export function useKeys(
  state: KeyState,
  { isWanted = true, everyMs = LIST_EVERY_MS } = {},
): UseInfiniteQueryResult<InfiniteData<KeyPage>> {
  return useInfiniteQuery({
    queryKey: [KEYS, state],
    queryFn: ({ pageParam }) => listKeys(state, pageParam),
    initialPageParam: noCursor(),
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    refetchInterval: everyMs,
    enabled: isWanted,
  });
}

/** All that is loaded of them. */
export function loadedKeys(data: InfiniteData<KeyPage> | undefined): readonly Key[] {
  return data?.pages.flatMap(({ keys }) => keys) ?? [];
}

/** Reads the lists again, since something about a key has changed. */
export async function refreshKeys(queries: QueryClient): Promise<void> {
  await queries.invalidateQueries({ queryKey: [KEYS] });
}

/** The first page is asked for without one. */
function noCursor(): string | undefined {
  return undefined;
}
