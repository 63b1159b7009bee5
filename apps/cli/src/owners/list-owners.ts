import type { Command } from 'commander';
import { pagesOf } from '#libs/keys-client';
import { type CommandContext, jsonOption } from '../command-context.js';
import { HAS_MORE, PAGE_SIZE, firstOf, limitOption } from '../list-option.js';
import { ownerTable } from '../output.js';
import { refuseKeysIn } from '../pasted-keys.js';

interface ListOwnersOptions {
  search?: string;
  suspended?: boolean;
  limit?: number;
  json?: true;
}

export function addListOwnersCommand(owners: Command, { connect, output }: CommandContext): void {
  owners
    .command('list')
    .description('List owners.')
    .option('--search <text>', 'only those whose ID or email address starts with it')
    .option('--suspended', 'only suspended owners')
    .option('--no-suspended', 'only owners who are not suspended')
    .addOption(limitOption())
    .addOption(jsonOption)
    .action(async ({ limit, json, ...filter }: ListOwnersOptions) => {
      refuseKeysIn({ search: filter.search });
      const keys = connect();
      const pages = pagesOf((from) => keys.listOwners({ ...filter, limit: PAGE_SIZE, ...from }));
      const { items, hasMore } = await firstOf(pages, (page) => page.owners, limit);
      if (json) output.result(JSON.stringify(items, null, 2));
      else if (items.length > 0) output.result(ownerTable(items));
      else output.say('No owner matches.');
      if (hasMore) output.say(HAS_MORE);
    });
}
