/** A part of a list, and where the next one starts: after the item whose ID is the cursor. */
export interface Page<Item extends { readonly id: string }> {
  readonly items: readonly Item[];
  readonly nextCursor: Item['id'] | null;
}

/** The page of the first `limit` items. There is a next one if more were found. */
export function pageOf<Item extends { readonly id: string }>(
  found: readonly Item[],
  limit: number,
): Page<Item> {
  const items = found.slice(0, limit);
  return { items, nextCursor: found.length > limit ? (items.at(-1)?.id ?? null) : null };
}
