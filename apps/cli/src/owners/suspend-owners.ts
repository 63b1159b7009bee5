import { type Command, Option } from 'commander';
import type { ManageClient } from '#libs/keys-client';
import type { Owner } from '#libs/keys-contract';
import { type CommandContext, jsonOption } from '../command-context.js';
import { listAllKeys } from '../keys/list-keys.js';
import { ownerDetails, ownersAndKeys } from '../output.js';
import { requireOwner, requireOwners } from './find-owner.js';

interface SuspensionOptions {
  all?: true;
  json?: true;
}

/** Suspending or resuming: the call for one owner, and its name in the past tense. */
interface Change {
  readonly done: string;
  readonly apply: (keys: ManageClient, id: string) => Promise<Owner>;
}

const allOption = new Option('--all', 'every owner with this email address, verified or not');

export function addSuspendOwnerCommand(owners: Command, context: CommandContext): void {
  const apply: Change['apply'] = (keys, id) => keys.suspendOwner(id);
  owners
    .command('suspend <id-or-email>')
    .description('Refuse all keys of an owner. Returns once every gateway does.')
    .addOption(allOption)
    .addOption(jsonOption)
    .action((name: string, options: SuspensionOptions) =>
      changeOwners(name, options, context, { done: 'Suspended', apply }),
    );
}

export function addResumeOwnerCommand(owners: Command, context: CommandContext): void {
  const apply: Change['apply'] = (keys, id) => keys.resumeOwner(id);
  owners
    .command('resume <id-or-email>')
    .description('Accept the keys of a suspended owner again.')
    .addOption(allOption)
    .addOption(jsonOption)
    .action((name: string, options: SuspensionOptions) =>
      changeOwners(name, options, context, { done: 'Resumed', apply }),
    );
}

async function changeOwners(
  name: string,
  { all, json }: SuspensionOptions,
  { connect, output }: CommandContext,
  { done, apply }: Change,
): Promise<void> {
  const keys = connect();
  const changed: Owner[] = [];
  let activeKeys = 0;
  const matching = all ? await requireOwners(keys, name) : [await requireOwner(keys, name)];
  for (const { id } of matching) {
    changed.push(await apply(keys, id));
    activeKeys += (await listAllKeys(keys, id, 'active')).length;
  }
  if (json) output.result(JSON.stringify(all ? changed : changed[0], null, 2));
  else output.result(changed.map(ownerDetails).join('\n\n'));
  output.say(`${done} ${ownersAndKeys(changed.length, activeKeys)}.`);
}
