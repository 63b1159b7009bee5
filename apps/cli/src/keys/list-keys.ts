import { type Command, Option } from 'commander';
import type { ManageClient } from '#libs/keys-client';
import { KEY_STATES, type Key, type KeyState } from '#libs/keys-contract';
import { type CommandContext, jsonOption } from '../command-context.js';
import { keyTable } from '../output.js';
import { requireOwner } from '../owners/find-owner.js';

interface ListOptions {
  owner: string;
  state: KeyState | 'all';
  json?: true;
}

export function addListCommand(program: Command, { connect, output }: CommandContext): void {
  program
    .command('list')
    .description("List an owner's keys.")
    .requiredOption('--owner <id-or-email>', 'whose keys to list')
    .addOption(new Option('--state <state>', 'which keys').choices([...KEY_STATES, 'all']).default('active'))
    .addOption(jsonOption)
    .action(async ({ owner: name, state, json }: ListOptions) => {
      const keys = connect();
      const { id } = await requireOwner(keys, name);
      const found = await listAllKeys(keys, id, state);
      if (json) output.result(JSON.stringify(found, null, 2));
      else if (found.length > 0) output.result(keyTable(found));
      else output.say(`${name} has no ${state === 'all' ? '' : `${state} `}keys.`);
    });
}

/** All keys of an owner in that state, from every page. */
export async function listAllKeys(
  keys: ManageClient,
  ownerId: string,
  state: KeyState | 'all',
): Promise<Key[]> {
  const found: Key[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await keys.list(ownerId, { state, limit: 200, ...(cursor !== undefined && { cursor }) });
    found.push(...page.keys);
    cursor = page.nextCursor;
  }
  return found;
}
