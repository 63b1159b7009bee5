import type { Command } from 'commander';
import { type CommandContext, jsonOption } from '../command-context.js';
import { keyDetails } from '../output.js';
import { keyIdIn } from '../pasted-keys.js';

export function addShowCommand(program: Command, { connect, output }: CommandContext): void {
  program
    .command('show <key-id>')
    .description(
      'Show the details of a key, also of an expired or revoked one, and where it was found by others.',
    )
    .addOption(jsonOption)
    .action(async (text: string, { json }: { json?: true }) => {
      const keys = connect();
      const key = await keys.get(keyIdIn(text));
      const { exposures } = key.exposedAt === null ? { exposures: [] } : await keys.exposures(key.id);
      output.result(json ? JSON.stringify({ ...key, exposures }, null, 2) : keyDetails(key, exposures));
    });
}
