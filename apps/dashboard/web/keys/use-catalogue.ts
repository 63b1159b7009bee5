import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { type CatalogueView, catalogueSchema } from '#libs/keys-contract';
import { call } from '../api/call.js';

/** How long what was read is shown before it is read again, in milliseconds. */
const STALE_MS = 60_000;

/** What keys can be created with. */
export function useCatalogue(): UseQueryResult<CatalogueView> {
  return useQuery({
    queryKey: ['catalogue'],
    queryFn: () => call(catalogueSchema, '/api/catalogue'),
    staleTime: STALE_MS,
  });
}

export type Capability = CatalogueView['capabilities'][number];

/** The capabilities among `names` that a new key can have, in the order of the catalogue. */
export function offeredAmong(
  names: readonly string[],
  { capabilities }: CatalogueView,
): readonly Capability[] {
  return capabilities.filter(({ name }) => names.includes(name));
}
