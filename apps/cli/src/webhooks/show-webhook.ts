import type { Command } from 'commander';
import { type CommandContext, jsonOption } from '../command-context.js';
import { webhookDetails } from './webhook-output.js';

export function addShowWebhookCommand(webhooks: Command, { connect, output }: CommandContext): void {
  webhooks
    .command('show <webhook-id>')
    .description('Show a webhook, with the public key of its v1a signatures.')
    .addOption(jsonOption)
    .action(async (id: string, { json }: { json?: true }) => {
      const webhook = await connect().getWebhook(id);
      output.result(json ? JSON.stringify(webhook, null, 2) : webhookDetails(webhook));
    });
}
