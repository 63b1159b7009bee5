import { Integer, NumberAsText, Optional, Text } from '#libs/fields';
import { ExampleProblem } from './example-problem.js';

/** Which part of a list is asked for. */
export class PageQuery {
  @Optional()
  @NumberAsText()
  @Integer('Limit', { min: 1, max: 200 })
  limit = 50;

  /** The `nextCursor` of the previous page. */
  @Optional()
  @Text('Cursor', { max: 512 })
  cursor?: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** The cursor of the next page; null on the last one. */
  readonly nextCursor: string | null;
}

/** The page of `all` for `query`. A cursor names the last item seen, so that items inserted before it shift nothing. */
export function pageOf<Item>(
  all: readonly Item[],
  { limit, cursor }: PageQuery,
  nameOf: (item: Item) => string,
): Page<Item> {
  const cursorOf = (item: Item): string => Buffer.from(nameOf(item)).toString('base64url');
  const last = cursor === undefined ? -1 : all.findIndex((item) => cursorOf(item) === cursor);
  if (cursor !== undefined && last === -1)
    throw new ExampleProblem('invalid_request', 'Cursor must be the nextCursor of the previous page.');
  const items = all.slice(last + 1, last + 1 + limit);
  const end = items.at(-1);
  const isMore = last + 1 + items.length < all.length;
  return { items, nextCursor: isMore && end !== undefined ? cursorOf(end) : null };
}
