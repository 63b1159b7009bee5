import { Option } from 'commander';
import type { ManageClient } from '#libs/keys-client';
import type { Output } from './output.js';

/** What every command needs. `connect` and `input` are called once a command needs the keys service or standard input. */
export interface CommandContext {
  readonly connect: () => ManageClient;
  readonly input: () => AsyncIterable<Buffer> & { readonly isTTY?: boolean };
  readonly output: Output;
}

/** Who the audit log says made a change. */
export const ACTOR = 'cli';

export const jsonOption = new Option('--json', 'print JSON, for scripts');
