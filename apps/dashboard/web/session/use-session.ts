import { type UseQueryResult, queryOptions, useQuery } from '@tanstack/react-query';
import type { Session } from '../../src/contract.js';
import { readSession } from '../api/sign-in.js';

export const SESSION = ['session'] as const;

/**
 * The session, read once. It is not refetched: an ended session shows at the next call, and a refetch would take away
 * what is being typed.
 */
export const sessionQuery = queryOptions({
  queryKey: SESSION,
  queryFn: readSession,
  staleTime: Infinity,
  gcTime: Infinity,
  refetchOnWindowFocus: false,
  refetchOnReconnect: false,
});

export function useSession(): UseQueryResult<Session> {
  return useQuery(sessionQuery);
}
