import { CommanderError } from 'commander';
import { ManageRefused, ManageUnreachable } from '#libs/keys-client';
import { SettingsError } from '#libs/settings';

/** What the process ends with, so that scripts can tell. */
export const EXIT_CODES = {
  done: 0,
  /** Something nobody expected. */
  failed: 1,
  /** The command or its input is wrong: correct it. */
  usage: 2,
  /** There is no such key or owner. */
  notFound: 3,
  /** Refused: wrong credential, or something stands against it. */
  refused: 4,
  /** The keys service does not answer: try again. */
  unreachable: 5,
} as const;

/** The exit code and the sentence for what went wrong. */
export function explain(err: unknown): { code: number; sentence: string } {
  // commander has printed its own sentence already.
  if (err instanceof CommanderError)
    return { code: err.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage, sentence: '' };
  if (err instanceof ManageRefused) return { code: codeOf(err.status), sentence: sentenceOf(err) };
  if (err instanceof ManageUnreachable) {
    return {
      code: EXIT_CODES.unreachable,
      sentence: `${err.message} Is it running (npm start)? Else set KEYS_URL.`,
    };
  }
  if (err instanceof SettingsError) return { code: EXIT_CODES.usage, sentence: err.message };
  return {
    code: EXIT_CODES.failed,
    sentence: err instanceof Error ? (err.stack ?? err.message) : String(err),
  };
}

/** A key that a repeated request has made before is named, so that it can be revoked. */
function sentenceOf({ message, problem: { key } }: ManageRefused): string {
  const id = typeof key === 'object' && key !== null && 'id' in key ? key.id : undefined;
  return typeof id === 'string' ? `${message} Its id is ${id}.` : message;
}

function codeOf(status: number): number {
  if (status === 404) return EXIT_CODES.notFound;
  if (status >= 500) return EXIT_CODES.unreachable;
  return status === 400 || status === 413 || status === 415 || status === 422
    ? EXIT_CODES.usage
    : EXIT_CODES.refused;
}
