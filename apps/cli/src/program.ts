import { Command } from 'commander';
import { addAuditCommand } from './audit/list-audit-events.js';
import type { CommandContext } from './command-context.js';
import { EXIT_CODES } from './exit-codes.js';
import { addCapabilitiesCommand } from './list-capabilities.js';
import { addActivityCommand } from './keys/show-activity.js';
import { addExpireCommand } from './keys/expire-key.js';
import { addFindCommand } from './keys/find-keys.js';
import { addIssueCommand } from './keys/issue-key.js';
import { addListCommand } from './keys/list-keys.js';
import { addPauseCommand, addResumeCommand } from './keys/pause-key.js';
import { addRevokeCommand } from './keys/revoke-key.js';
import { addShowCommand } from './keys/show-key.js';
import { addListOwnersCommand } from './owners/list-owners.js';
import { addPutOwnerCommand } from './owners/put-owner.js';
import { addShowOwnerCommand } from './owners/show-owner.js';
import { addResumeOwnerCommand, addSuspendOwnerCommand } from './owners/suspend-owners.js';
import { refuseKeysIn } from './pasted-keys.js';
import { addScanningCommand } from './scanning/print-scanner-rules.js';
import { addAddWebhookCommand } from './webhooks/add-webhook.js';
import { addListWebhooksCommand } from './webhooks/list-webhooks.js';
import { addWebhookDeliveriesCommand } from './webhooks/list-webhook-deliveries.js';
import { addRemoveWebhookCommand } from './webhooks/remove-webhook.js';
import { addReplayWebhookCommand } from './webhooks/replay-webhook-delivery.js';
import { addRotateWebhookSecretCommand } from './webhooks/rotate-webhook-secret.js';
import { addShowWebhookCommand } from './webhooks/show-webhook.js';
import { addTestWebhookCommand } from './webhooks/test-webhook.js';
import { addUpdateWebhookCommand } from './webhooks/update-webhook.js';

const HELP = `
What a key may do: keys capabilities lists it.

Exit codes:
${Object.values(EXIT_CODES)
  .map(({ code, meaning }) => `  ${code}  ${meaning}`)
  .join('\n')}`;

const ACTOR_HELP =
  'who makes the change, for the audit log, which takes your word for it (default: KEYS_ACTOR, or cli:<your user name>)';

/** The operator's command line: one file for each command. */
export function makeProgram(given: CommandContext): Command {
  const { output } = given;
  const program = new Command('keys')
    .description('Issue, list and revoke API keys.')
    .option('--actor <name>', ACTOR_HELP)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.result(text.trimEnd()),
      writeErr: (text) => output.say(text.trimEnd()),
    })
    .addHelpText('after', HELP);
  const context = { ...given, connect: () => given.connect(actorIn(program)) };
  addIssueCommand(program, context);
  addListCommand(program, context);
  addShowCommand(program, context);
  addActivityCommand(program, context);
  addFindCommand(program, context);
  addRevokeCommand(program, context);
  addExpireCommand(program, context);
  addPauseCommand(program, context);
  addResumeCommand(program, context);
  addCapabilitiesCommand(program, context);
  addAuditCommand(program, context);
  addScanningCommand(program, context);

  const owners = program.command('owners').description('Manage owners.');
  addPutOwnerCommand(owners, context);
  addShowOwnerCommand(owners, context);
  addListOwnersCommand(owners, context);
  addSuspendOwnerCommand(owners, context);
  addResumeOwnerCommand(owners, context);

  const webhooks = program.command('webhooks').description('Manage where events are sent.');
  addAddWebhookCommand(webhooks, context);
  addListWebhooksCommand(webhooks, context);
  addShowWebhookCommand(webhooks, context);
  addUpdateWebhookCommand(webhooks, context);
  addRemoveWebhookCommand(webhooks, context);
  addTestWebhookCommand(webhooks, context);
  addRotateWebhookSecretCommand(webhooks, context);
  addWebhookDeliveriesCommand(webhooks, context);
  addReplayWebhookCommand(webhooks, context);
  return program;
}

/** What follows `--actor`, before or after the name of the command. */
function actorIn(program: Command): string | undefined {
  const { actor } = program.opts<{ actor?: string }>();
  refuseKeysIn({ actor });
  return actor;
}
