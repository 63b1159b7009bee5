import { type InfiniteData, type UseInfiniteQueryResult, useInfiniteQuery } from '@tanstack/react-query';
import { type PersonalEventPage, personalEventPageSchema } from '../../src/contract.js';
import { call } from '../api/call.js';

const PAGE_SIZE = 50;
const REFRESH_MS = 10_000;

/** What happened to the user and their keys, page by page, newest first. */
export function useEvents(): UseInfiniteQueryResult<InfiniteData<PersonalEventPage>> {
  return useInfiniteQuery({
    queryKey: ['audit'],
    queryFn: ({ pageParam }) => readEvents(pageParam),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    refetchInterval: REFRESH_MS,
  });
}

/** The cursor of the first page is empty. */
function readEvents(cursor: string): Promise<PersonalEventPage> {
  const query = new URLSearchParams({ limit: String(PAGE_SIZE), ...(cursor !== '' && { cursor }) });
  return call(personalEventPageSchema, `/api/audit?${query.toString()}`);
}
