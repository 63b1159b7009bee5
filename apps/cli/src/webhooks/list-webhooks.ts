import type { Command } from 'commander';
import { type CommandContext, jsonOption } from '../command-context.js';
import { webhookTable } from './webhook-output.js';

export function addListWebhooksCommand(commands: Command, { connect, output }: CommandContext): void {
  commands
    .command('list')
    .description('List webhooks, oldest first.')
    .addOption(jsonOption)
    .action(async ({ json }: { json?: true }) => {
      const { webhooks } = await connect().listWebhooks();
      if (json) output.result(JSON.stringify(webhooks, null, 2));
      else if (webhooks.length > 0) output.result(webhookTable(webhooks));
      else output.say('There are no webhooks.');
    });
}
