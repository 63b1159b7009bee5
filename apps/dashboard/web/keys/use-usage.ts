import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { Key, KeyUsage } from '#libs/keys-contract';
import { readUsage } from '../api/keys.js';

/** How often usage is read again while it is shown. Gateways report every 20 seconds. */
const REFRESH_MS = 3_000;

/** How much a key was used lately, kept up to date. */
export function useUsage({ id }: Key): UseQueryResult<KeyUsage> {
  return useQuery({
    queryKey: ['usage', id],
    queryFn: () => readUsage(id),
    refetchInterval: REFRESH_MS,
    // What was read for an earlier dialog is no answer to whether a key is in use now.
    gcTime: 0,
  });
}
