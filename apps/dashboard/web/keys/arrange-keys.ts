import type { Key } from '#libs/keys-contract';

export const SORTS = ['newest', 'name', 'used', 'expires'] as const;
export type Sort = (typeof SORTS)[number];

/** The keys whose name or public part contains `search`, sorted. */
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
      // Keys that never expire come last.
      return (a.expiresAt ?? '~') < (b.expiresAt ?? '~') ? -1 : 1;
    default:
      return sort satisfies never;
  }
}
