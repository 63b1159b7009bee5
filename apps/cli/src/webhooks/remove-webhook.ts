import type { Command } from 'commander';
import { type CommandContext, jsonOption } from '../command-context.js';

export function addRemoveWebhookCommand(webhooks: Command, { connect, output }: CommandContext): void {
  webhooks
    .command('remove <webhook-id>')
    .description('Remove a webhook. What waits to be sent to it is not sent.')
    .addOption(jsonOption)
    .action(async (id: string, { json }: { json?: true }) => {
      const webhook = await connect().removeWebhook(id);
      output.result(json ? JSON.stringify(webhook, null, 2) : `Removed ${webhook.id} (${webhook.url}).`);
    });
}
