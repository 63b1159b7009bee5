import type { Command } from 'commander';
import { type CommandContext, jsonOption } from '../command-context.js';

export function addRotateWebhookSecretCommand(webhooks: Command, { connect, output }: CommandContext): void {
  webhooks
    .command('rotate-secret <webhook-id>')
    .description('Give a webhook a new secret. It is printed once; the old one signs for 24 more hours.')
    .addOption(jsonOption)
    .action(async (id: string, { json }: { json?: true }) => {
      const rotated = await connect().rotateWebhookSecret(id);
      if (json) {
        output.result(JSON.stringify(rotated, null, 2));
        return;
      }
      output.result(rotated.secret);
      output.say(`
Give the secret above to the receiver within 24 hours: until then, the old one signs as well. You won't see it again.
The public key is ${rotated.webhook.publicKey ?? ''} now.`);
    });
}
