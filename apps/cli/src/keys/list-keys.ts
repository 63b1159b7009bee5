import { type Command, Option } from 'commander';
import { type ManageClient, pagesOf } from '#libs/keys-client';
import { KEY_STATES, type Key, type KeyFilter, type KeyState } from '#libs/keys-contract';
import { type CommandContext, jsonOption } from '../command-context.js';
import { HAS_MORE, PAGE_SIZE, firstOf, limitOption } from '../list-option.js';
import { keyTable } from '../output.js';
import { requireOwner } from '../owners/find-owner.js';
import { refuseKeysIn } from '../pasted-keys.js';

interface ListOptions {
  owner?: string;
  state: KeyState | 'all';
  capability?: string;
  limit?: number;
  json?: true;
}

export function addListCommand(program: Command, { connect, output }: CommandContext): void {
  program
    .command('list')
    .description('List keys, newest first.')
    .option('--owner <id-or-email>', 'whose keys to list (default: everybody’s)')
    .addOption(new Option('--state <state>', 'which keys').choices([...KEY_STATES, 'all']).default('active'))
    .option('--capability <name>', 'only keys with this capability')
    .addOption(limitOption())
    .addOption(jsonOption)
    .action(async ({ owner: name, state, capability, limit, json }: ListOptions) => {
      refuseKeysIn({ capability });
      const keys = connect();
      const owner = name === undefined ? undefined : await requireOwner(keys, name);
      const filter = { state, ...(capability !== undefined && { capability }) };
      const { items, hasMore } = await listKeys(keys, owner?.id, filter, limit);
      if (json) output.result(JSON.stringify(items, null, 2));
      else if (items.length > 0)
        output.result(keyTable(items, owner === undefined ? ({ ownerId }) => ownerId : undefined));
      else output.say(`${name === undefined ? 'There are' : `${name} has`} no ${nameOf(filter)}.`);
      if (hasMore) output.say(HAS_MORE);
    });
}

/** All keys of an owner in that state, from every page. */
export async function listAllKeys(
  keys: ManageClient,
  ownerId: string,
  state: KeyState | 'all',
): Promise<Key[]> {
  return (await listKeys(keys, ownerId, { state })).items;
}

/** The keys of an owner by the route that version 0.1.0 has, too. */
function listKeys(
  keys: ManageClient,
  ownerId: string | undefined,
  given: KeyFilter,
  limit?: number,
): Promise<{ items: Key[]; hasMore: boolean }> {
  const filter = { ...given, limit: PAGE_SIZE };
  const pages = pagesOf((from) =>
    ownerId === undefined
      ? keys.listKeys({ ...filter, ...from })
      : keys.list(ownerId, { ...filter, ...from }),
  );
  return firstOf(pages, (page) => page.keys, limit);
}

/** "active keys with kb:read" */
function nameOf({ state, capability }: KeyFilter): string {
  const keys = state === 'all' ? 'keys' : `${state ?? ''} keys`;
  return capability === undefined ? keys : `${keys} with ${capability}`;
}
