import type { Command } from 'commander';
import { type CommandContext, jsonOption } from '../command-context.js';
import { refuseKeysIn } from '../pasted-keys.js';
import { eventOption } from './event-option.js';

interface AddOptions {
  description?: string;
  event?: string[];
  json?: true;
}

export function addAddWebhookCommand(webhooks: Command, { connect, output }: CommandContext): void {
  webhooks
    .command('add <url>')
    .description('Send events to a URL. The secret of their signatures is printed once, on standard output.')
    .option('--description <text>', 'what it is for')
    .addOption(eventOption())
    .addOption(jsonOption)
    .addHelpText('after', '\nWithout --event, all events are sent.')
    .action(async (url: string, { description, event, json }: AddOptions) => {
      refuseKeysIn({ url, description });
      const created = await connect().createWebhook({
        url,
        ...(description !== undefined && { description }),
        ...(event !== undefined && { events: event }),
      });
      if (json) {
        output.result(JSON.stringify(created, null, 2));
        return;
      }
      const { webhook, secret } = created;
      output.result(secret);
      output.say(`
Events are sent to ${webhook.url} from now on. The ID of the webhook is ${webhook.id}.
Give the secret above to the receiver, which verifies signatures with it. You won't see it again.`);
    });
}
