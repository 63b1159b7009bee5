import { type UseQueryResult, queryOptions, useQuery } from '@tanstack/react-query';
import type { Session } from '../../src/contract.js';
import { readSession } from '../api/sign-in.js';

export const SESSION = ['session'] as const;

/**
 * Who is signed in, read once. It is not read again by itself: a session that has ended shows at the next call, and must
 * not take away what is being typed.
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
