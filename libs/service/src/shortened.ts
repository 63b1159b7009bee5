import { withoutSecrets } from './without-secrets.js';

/** The longest line that is written as it is, in characters. */
const MAX_LINE = 4 * 1024;

/** The longest text within a longer line, in characters. */
export const MAX_TEXT = 2048;

/** What is searched beyond a cut, so that nothing secret is cut in two and then not known again: none is longer, encoded. */
const MARGIN = 2048;

/** The longest line, all texts cut: that of who logs thousands of them. */
const MAX_SHORTENED = 64 * 1024;

/**
 * The beginning of a text for the log, which holds more than is written of it: escaping what is far longer, and reading
 * it again, takes longer than searching what stays.
 */
export function beginningOf(text: string): string {
  return text.slice(0, MAX_LINE + MARGIN);
}

/**
 * A line of the log, each text in it cut to two thousand characters where the line is long. Strangers choose how long a
 * path is, or a message that a library quotes, and a log is no place to store them.
 */
export function shortened(line: string, secrets: readonly string[]): string {
  if (line.length <= MAX_LINE) return line;
  const parsed: unknown = JSON.parse(line);
  const short = JSON.stringify(parsed, (_, value: unknown) =>
    typeof value === 'string' ? cut(value, secrets) : value,
  );
  return short.length <= MAX_SHORTENED ? `${short}\n` : `${JSON.stringify(headOf(parsed))}\n`;
}

function cut(text: string, secrets: readonly string[]): string {
  if (text.length <= MAX_TEXT) return text;
  const searched = withoutSecrets(text.slice(0, MAX_TEXT + MARGIN), secrets);
  // What was blacked out has moved the rest to the front, and with it what the end of the search has cut in two.
  const wholeUpTo = text.length <= MAX_TEXT + MARGIN ? searched.length : searched.length - MARGIN;
  const kept = searched.slice(0, Math.min(MAX_TEXT, Math.max(0, wholeUpTo)));
  return `${kept}… [cut]`;
}

/** What says who speaks, and when. */
function headOf(line: unknown): Record<string, unknown> {
  const { level, time, service, requestId }: Record<string, unknown> = { ...(line ?? {}) };
  return { level, time, service, requestId, msg: 'a line too long to be written' };
}
