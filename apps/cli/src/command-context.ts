import { Option } from 'commander';
import type { ManageClient } from '#libs/keys-client';
import type { Output } from './output.js';

/** What every command needs. `connect` and `input` are called once a command needs the keys service or standard input. */
export interface CommandContext {
  /** The keys service; the audit log has `actor` as who makes the changes, by default whom the settings or the system name. */
  readonly connect: (actor?: string) => ManageClient;
  readonly input: () => AsyncIterable<Buffer> & { readonly isTTY?: boolean };
  readonly output: Output;
}

/** Who sets the email addresses that are entered here. */
export const EMAIL_SOURCE = 'cli';

export const jsonOption = new Option('--json', 'print JSON, for scripts');
