import type { Key } from '../../src/contract.js';

/** The orders that people can choose. */
export const SORTS = ['newest', 'name', 'used', 'expires'] as const;
export type Sort = (typeof SORTS)[number];

/** The keys whose name or public part has all of `search` in it, in order. */
export function arrange(keys: readonly Key[], search: string, sort: Sort): readonly Key[] {
  const wanted = search.trim().toLowerCase();
  return keys
    .filter(({ name, publicPart, last4 }) => `${name} ${publicPart}…${last4}`.toLowerCase().includes(wanted))
    .toSorted((a, b) => compare(a, b, sort));
}

function compare(a: Key, b: Key, sort: Sort): number {
  switch (sort) {
    case 'newest':
      return b.createdAt.localeCompare(a.createdAt);
    case 'name':
      return a.name.localeCompare(b.name);
    case 'used':
      return (b.lastUsedAt ?? '').localeCompare(a.lastUsedAt ?? '');
    case 'expires':
      // Those that never do come last.
      return (a.expiresAt ?? '~') < (b.expiresAt ?? '~') ? -1 : 1;
    default:
      return sort satisfies never;
  }
}
