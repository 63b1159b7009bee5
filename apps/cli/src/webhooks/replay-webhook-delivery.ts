import type { Command } from 'commander';
import { type CommandContext, jsonOption } from '../command-context.js';

export function addReplayWebhookCommand(webhooks: Command, { connect, output }: CommandContext): void {
  webhooks
    .command('replay <webhook-id> <delivery-id>')
    .description('Send an event again, whether it has arrived or not.')
    .addOption(jsonOption)
    .action(async (id: string, deliveryId: string, { json }: { json?: true }) => {
      const delivery = await connect().replayDelivery(id, deliveryId);
      output.result(
        json
          ? JSON.stringify(delivery, null, 2)
          : `Sending ${delivery.event} again. See whether it arrives: keys webhooks deliveries ${id}`,
      );
    });
}
