/** How many lists are kept. Deployments use far fewer combinations of capabilities. */
const MAX_SHARED = 1000;

const shared = new Map<string, readonly string[]>();

/** The same array for the same texts in the same order, for callers that hold many. */
export function sharedTexts(texts: readonly string[]): readonly string[] {
  const name = JSON.stringify(texts);
  const kept = shared.get(name);
  if (kept !== undefined) return kept;
  Object.freeze(texts);
  if (shared.size < MAX_SHARED) shared.set(name, texts);
  return texts;
}
