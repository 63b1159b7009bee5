import { withoutSecrets } from './without-secrets.js';

/** The maximum length of a line that is written unchanged, in characters. */
const MAX_LINE = 4 * 1024;

/** The maximum length of a text within a longer line, in characters. */
export const MAX_TEXT = 2048;

/** How far beyond a cut secrets are searched, so that none is cut in two and then not recognized: none is longer, encoded. */
const MARGIN = 2048;

/** The maximum length of a line with all texts cut, in case someone logs thousands of them. */
const MAX_SHORTENED = 64 * 1024;

/**
 * The beginning of a text for the log, longer than what is written of it: escaping and parsing a far longer text would take
 * longer than searching the rest.
 */
export function beginningOf(text: string): string {
  return text.slice(0, MAX_LINE + MARGIN);
}

/**
 * A line of the log, with each text in it cut to two thousand characters if the line is long. Strangers choose how long a
 * path is, or a message that a library quotes, and a log is not the place to store them.
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
  // Redacting has moved the rest to the front, including what the end of the search has cut in two.
  const wholeUpTo = text.length <= MAX_TEXT + MARGIN ? searched.length : searched.length - MARGIN;
  const kept = searched.slice(0, Math.min(MAX_TEXT, Math.max(0, wholeUpTo)));
  return `${kept}… [cut]`;
}

/** The fields that say who has logged it, and when. */
function headOf(line: unknown): Record<string, unknown> {
  const { level, time, service, requestId }: Record<string, unknown> = { ...(line ?? {}) };
  return { level, time, service, requestId, msg: 'a line too long to be written' };
}
