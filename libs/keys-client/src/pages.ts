/**
 * Every page of a list, in order: `for await (const { keys } of pagesOf((from) => manage.listKeys(from)))`. The function
 * gets the cursor of the page to fetch, and none for the first.
 */
export async function* pagesOf<Page extends { readonly nextCursor: string | null }>(
  fetchPage: (from: { readonly cursor?: string }) => Promise<Page>,
): AsyncGenerator<Page, void, undefined> {
  let page = await fetchPage({});
  yield page;
  while (page.nextCursor !== null) {
    page = await fetchPage({ cursor: page.nextCursor });
    yield page;
  }
}
