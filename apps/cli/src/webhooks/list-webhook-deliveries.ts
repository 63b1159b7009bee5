import { type Command, Option } from 'commander';
import { pagesOf } from '#libs/keys-client';
import { DELIVERY_STATES, type DeliveryState } from '#libs/keys-contract';
import { type CommandContext, jsonOption } from '../command-context.js';
import { HAS_MORE, PAGE_SIZE, firstOf, limitOption } from '../list-option.js';
import { deliveryTable } from './webhook-output.js';

interface DeliveriesOptions {
  state?: DeliveryState;
  limit: number;
  json?: true;
}

export function addWebhookDeliveriesCommand(webhooks: Command, { connect, output }: CommandContext): void {
  webhooks
    .command('deliveries <webhook-id>')
    .description('List what was sent to a webhook, and what waits to be, newest first.')
    .addOption(new Option('--state <state>', 'which deliveries (default: all)').choices([...DELIVERY_STATES]))
    .addOption(limitOption().default(100))
    .addOption(jsonOption)
    .action(async (id: string, { state, limit, json }: DeliveriesOptions) => {
      const keys = connect();
      const filter = { ...(state !== undefined && { state }), limit: Math.min(limit, PAGE_SIZE) };
      const pages = pagesOf((from) => keys.listDeliveries(id, { ...filter, ...from }));
      const { items, hasMore } = await firstOf(pages, (page) => page.deliveries, limit);
      if (json) output.result(JSON.stringify(items, null, 2));
      else if (items.length > 0) output.result(deliveryTable(items));
      else output.say('No delivery matches.');
      if (hasMore) output.say(HAS_MORE);
    });
}
