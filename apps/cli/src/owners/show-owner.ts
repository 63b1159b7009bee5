import type { Command } from 'commander';
import { type CommandContext, jsonOption } from '../command-context.js';
import { printOwner } from '../output.js';
import { requireOwner } from './find-owner.js';

export function addShowOwnerCommand(owners: Command, { connect, output }: CommandContext): void {
  owners
    .command('show <id-or-email>')
    .description('Show the details of an owner.')
    .addOption(jsonOption)
    .action(async (name: string, { json }: { json?: true }) => {
      printOwner(output, await requireOwner(connect(), name), json);
    });
}
