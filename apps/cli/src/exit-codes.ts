import { CommanderError } from 'commander';
import { ManageRefused, ManageUnreachable } from '#libs/keys-client';
import { SettingsError } from '#libs/settings';

/** What the process exits with, so that scripts can tell failures apart. */
export const EXIT_CODES = {
  done: { code: 0, meaning: 'done' },
  failed: { code: 1, meaning: 'unexpected error' },
  usage: { code: 2, meaning: 'invalid command or input' },
  notFound: { code: 3, meaning: 'not found' },
  refused: { code: 4, meaning: 'refused, such as for a wrong service token or a conflict' },
  unreachable: { code: 5, meaning: 'keys service unavailable: try again' },
} as const;

/** The exit code and the sentence for what went wrong. */
export function explain(err: unknown): { code: number; sentence: string } {
  // commander has printed its own sentence already.
  if (err instanceof CommanderError)
    return { code: (err.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage).code, sentence: '' };
  if (err instanceof ManageRefused) return { code: codeFor(err.status), sentence: refusalSentence(err) };
  if (err instanceof ManageUnreachable) {
    return {
      code: EXIT_CODES.unreachable.code,
      sentence: `${err.message} Start it with npm start, or set KEYS_URL.`,
    };
  }
  if (err instanceof SettingsError) return { code: EXIT_CODES.usage.code, sentence: err.message };
  return {
    code: EXIT_CODES.failed.code,
    sentence: err instanceof Error ? (err.stack ?? err.message) : String(err),
  };
}

/** When a repeated request had already created a key, its ID is printed, so that it can be revoked. */
function refusalSentence({ message, problem: { key } }: ManageRefused): string {
  const id = typeof key === 'object' && key !== null && 'id' in key ? key.id : undefined;
  return typeof id === 'string' ? `${message} Its ID is ${id}.` : message;
}

function codeFor(status: number): number {
  if (status === 404) return EXIT_CODES.notFound.code;
  if (status >= 500) return EXIT_CODES.unreachable.code;
  const isInput = status === 400 || status === 413 || status === 415 || status === 422;
  return (isInput ? EXIT_CODES.usage : EXIT_CODES.refused).code;
}
