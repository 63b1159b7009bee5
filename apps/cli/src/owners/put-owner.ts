import type { Command } from 'commander';
import { type CommandContext, EMAIL_SOURCE, jsonOption } from '../command-context.js';
import { printOwner } from '../output.js';
import { refuseKeysIn } from '../pasted-keys.js';
import { idOf, ownerWithId } from './find-owner.js';

interface PutOwnerOptions {
  email: string;
  emailVerified?: true;
  role?: string;
  tier?: string;
  json?: true;
}

export function addPutOwnerCommand(owners: Command, { connect, output }: CommandContext): void {
  owners
    .command('put <id>')
    .description('Create or update an owner.')
    .requiredOption('--email <email>', 'their email address')
    .option('--email-verified', 'the address is proven to be theirs')
    .option('--role <role>', 'passed on to upstream services (default: unchanged; user for a new owner)')
    .option('--tier <tier>', 'passed on to upstream services (default: unchanged; free for a new owner)')
    .addOption(jsonOption)
    .action(async (name: string, { json, ...given }: PutOwnerOptions) => {
      refuseKeysIn({ owner: name, email: given.email });
      const keys = connect();
      const id = idOf(name);
      const known = await ownerWithId(keys, id);
      const kept = known === undefined ? {} : { role: known.role, tier: known.tier };
      const setsEmail = known?.email !== given.email || given.emailVerified !== undefined;
      const source = setsEmail ? { emailSource: EMAIL_SOURCE } : {};
      printOwner(output, await keys.putOwner(id, { ...kept, ...given, ...source }), json);
    });
}
