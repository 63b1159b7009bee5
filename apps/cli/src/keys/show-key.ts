import type { Command } from 'commander';
import { type CommandContext, jsonOption } from '../command-context.js';
import { keyDetails } from '../output.js';
import { keyIdIn } from '../pasted-keys.js';

export function addShowCommand(program: Command, { connect, output }: CommandContext): void {
  program
    .command('show <key-id>')
    .description('Show the details of a key, also of an expired or revoked one.')
    .addOption(jsonOption)
    .action(async (text: string, { json }: { json?: true }) => {
      const key = await connect().get(keyIdIn(text));
      output.result(json ? JSON.stringify(key, null, 2) : keyDetails(key));
    });
}
