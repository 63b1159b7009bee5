/** How many keys one request reports at the same time. */
const AT_ONCE = 10;

/** Reports items a few at a time, and resolves with the outcomes in their order. */
export async function reportInBatches<Item, Outcome>(
  items: readonly Item[],
  report: (item: Item) => Promise<Outcome>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE)
    outcomes.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(report))));
  return outcomes;
}
