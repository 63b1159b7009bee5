/** How long to wait for an answer, in milliseconds: a scrape must not hang on what is unavailable. */
const MAX_MS = 1000;

/** How many seconds `ask` takes; NaN if it fails or takes longer than one. */
export async function secondsOf(ask: () => Promise<unknown>): Promise<number> {
  const askedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<number>((resolve) => (timer = setTimeout(resolve, MAX_MS, NaN)));
  const answered = ask().then(
    () => (performance.now() - askedAt) / 1000,
    () => NaN,
  );
  return Promise.race([answered, tooLate]).finally(() => clearTimeout(timer));
}
