import type { Command } from 'commander';
import { type CommandContext, jsonOption } from '../command-context.js';

export function addTestWebhookCommand(webhooks: Command, { connect, output }: CommandContext): void {
  webhooks
    .command('test <webhook-id>')
    .description('Send a test event to a webhook.')
    .addOption(jsonOption)
    .action(async (id: string, { json }: { json?: true }) => {
      const delivery = await connect().testWebhook(id);
      output.result(
        json
          ? JSON.stringify(delivery, null, 2)
          : `Sending ${delivery.event} (delivery ${delivery.id}). See whether it arrives: keys webhooks deliveries ${id}`,
      );
    });
}
