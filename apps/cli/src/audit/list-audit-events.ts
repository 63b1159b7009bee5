import type { Command } from 'commander';
import { pagesOf } from '#libs/keys-client';
import { AUDIT_ACTIONS } from '#libs/keys-contract';
import { type CommandContext, jsonOption } from '../command-context.js';
import { HAS_MORE, PAGE_SIZE, firstOf, limitOption } from '../list-option.js';
import { requireOwner } from '../owners/find-owner.js';
import { keyIdIn, refuseKeysIn } from '../pasted-keys.js';
import { auditTable } from './audit-table.js';

interface AuditOptions {
  key?: string;
  owner?: string;
  action?: string;
  by?: string;
  since?: string;
  until?: string;
  limit: number;
  json?: true;
}

export function addAuditCommand(program: Command, { connect, output }: CommandContext): void {
  program
    .command('audit')
    .description('Show what happened to owners and keys, newest first.')
    .option('--key <key-id>', 'only what happened to this key')
    .option('--owner <id-or-email>', 'only what happened to this owner and their keys')
    .option('--action <action>', `only one kind of event: ${AUDIT_ACTIONS.join(', ')}`)
    .option('--by <actor>', "only what they did: a person's ID, or such as cli:ada")
    .option('--since <time>', 'from then on, such as 2027-01-31T12:00:00Z')
    .option('--until <time>', 'before then')
    .addOption(limitOption().default(100))
    .addOption(jsonOption)
    .action(async ({ key, owner, by, limit, json, ...given }: AuditOptions) => {
      refuseKeysIn({ action: given.action, actor: by, time: [given.since ?? '', given.until ?? ''] });
      const keyId = key === undefined ? undefined : keyIdIn(key);
      const keys = connect();
      const ownerId = owner === undefined ? undefined : (await requireOwner(keys, owner)).id;
      const filter = {
        ...given,
        ...(keyId !== undefined && { keyId }),
        ...(ownerId !== undefined && { ownerId }),
        ...(by !== undefined && { actor: by }),
        limit: Math.min(limit, PAGE_SIZE),
      };
      const pages = pagesOf((from) => keys.listAuditEvents({ ...filter, ...from }));
      const { items, hasMore } = await firstOf(pages, (page) => page.events, limit);
      if (json) output.result(JSON.stringify(items, null, 2));
      else if (items.length > 0) output.result(auditTable(items));
      else output.say('No event matches.');
      if (hasMore) output.say(HAS_MORE);
    });
}
