import { Option } from 'commander';
import { usageError } from './pasted-keys.js';

/** The largest page that the management API sends. */
export const PAGE_SIZE = 200;

/** How many items to list, at most. */
export function limitOption(): Option {
  return new Option('--limit <count>', 'how many to list, at most').argParser((text: string) => {
    if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
    throw usageError('Limit must be an integer from 1 to 999999.');
  });
}

/** The first `limit` items of a list, and whether there are more. */
export async function firstOf<Page extends { readonly nextCursor: string | null }, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[],
  limit = Infinity,
): Promise<{ items: Item[]; hasMore: boolean }> {
  const items: Item[] = [];
  for await (const page of pages) {
    items.push(...itemsOf(page));
    if (items.length >= limit)
      return { items: items.slice(0, limit), hasMore: items.length > limit || page.nextCursor !== null };
  }
  return { items, hasMore: false };
}

/** What a command says when it lists less than there is. */
export const HAS_MORE = 'There are more. Raise --limit to see them.';
