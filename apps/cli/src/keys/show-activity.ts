import type { Command } from 'commander';
import { type CommandContext, jsonOption } from '../command-context.js';
import { activityTable } from '../output.js';
import { keyIdIn } from '../pasted-keys.js';

export function addActivityCommand(program: Command, { connect, output }: CommandContext): void {
  program
    .command('activity <key-id>')
    .description('Show recent requests made with a key, by route, status and address, newest first.')
    .addOption(jsonOption)
    .action(async (text: string, { json }: { json?: true }) => {
      const found = await connect().activity(keyIdIn(text), { limit: 500 });
      if (json) output.result(JSON.stringify(found.activity, null, 2));
      else if (found.activity.length > 0) output.result(activityTable(found));
      else output.say('No recent requests were made with this key.');
    });
}
