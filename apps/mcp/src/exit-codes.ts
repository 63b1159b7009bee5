import { SettingsError } from '#libs/settings';
import { ApiUnreachable } from './api-client.js';
import { KeyRefused } from './read-capabilities.js';

/** What the process exits with, by sysexits.h, so that clients and scripts can tell failures apart. */
export const EXIT_CODES = {
  done: { code: 0, meaning: 'the client has closed the connection' },
  failed: { code: 1, meaning: 'unexpected error' },
  badInput: { code: 65, meaning: 'what the client sends is not the protocol' },
  unavailable: { code: 69, meaning: 'the API does not respond' },
  refused: { code: 77, meaning: 'the API does not accept the key' },
  settings: { code: 78, meaning: 'a setting is missing or wrong' },
} as const;

/** The exit code and the sentence for what kept the server from starting. */
export function explain(err: unknown): { code: number; sentence: string } {
  const sentence = err instanceof Error ? err.message : String(err);
  if (err instanceof SettingsError) return { code: EXIT_CODES.settings.code, sentence };
  if (err instanceof KeyRefused) return { code: EXIT_CODES.refused.code, sentence };
  if (err instanceof ApiUnreachable) return { code: EXIT_CODES.unavailable.code, sentence };
  return { code: EXIT_CODES.failed.code, sentence };
}
