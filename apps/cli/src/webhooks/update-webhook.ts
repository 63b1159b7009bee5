import type { Command } from 'commander';
import { type CommandContext, jsonOption } from '../command-context.js';
import { refuseKeysIn, usageError } from '../pasted-keys.js';
import { eventOption } from './event-option.js';
import { webhookDetails } from './webhook-output.js';

interface UpdateOptions {
  url?: string;
  description?: string;
  event?: string[];
  allEvents?: true;
  enable?: true;
  disable?: true;
  json?: true;
}

export function addUpdateWebhookCommand(webhooks: Command, { connect, output }: CommandContext): void {
  webhooks
    .command('update <webhook-id>')
    .description('Change where events are sent, and which.')
    .option('--url <url>', 'where to')
    .option('--description <text>', 'what it is for; an empty text removes it')
    .addOption(eventOption().conflicts('allEvents'))
    .option('--all-events', 'send all events')
    .option('--enable', 'send events again, from now on')
    .option('--disable', 'send no events')
    .addOption(jsonOption)
    .action(async (id: string, { json, ...options }: UpdateOptions) => {
      const webhook = await connect().updateWebhook(id, changesIn(options));
      output.result(json ? JSON.stringify(webhook, null, 2) : webhookDetails(webhook));
    });
}

function changesIn({ url, description, event, allEvents, enable, disable }: UpdateOptions): object {
  refuseKeysIn({ url, description });
  if (enable && disable) throw usageError('Choose one of --enable and --disable.');
  const changes = {
    ...(url !== undefined && { url }),
    ...(description !== undefined && { description: description === '' ? null : description }),
    ...(event !== undefined && { events: event }),
    ...(allEvents && { events: [] }),
    ...(enable && { enabled: true }),
    ...(disable && { enabled: false }),
  };
  if (Object.keys(changes).length === 0)
    throw usageError(
      'Name what to change: --url, --description, --event, --all-events, --enable or --disable.',
    );
  return changes;
}
