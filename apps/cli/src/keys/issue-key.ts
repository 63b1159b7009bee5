import type { Command } from 'commander';
import { selectCapabilities } from '#libs/capabilities';
import type { ManageClient } from '#libs/keys-client';
import { MAX_RATE_LIMIT_PER_MINUTE, type Owner } from '#libs/keys-contract';
import { ACTOR, type CommandContext, jsonOption } from '../command-context.js';
import type { Output } from '../output.js';
import { findOwner, requireOwner } from '../owners/find-owner.js';
import { keyIdIn, refuseKeysIn, usageError } from '../pasted-keys.js';

interface IssueOptions {
  owner: string;
  name: string;
  capability: string[];
  expires?: string;
  replaces?: string;
  rateLimit?: string;
  idempotencyKey?: string;
  json?: true;
}

export function addIssueCommand(program: Command, { connect, output }: CommandContext): void {
  program
    .command('issue')
    .description('Create a key. It is printed once, on standard output.')
    .requiredOption('--owner <id-or-email>', 'whose key it is')
    .requiredOption('--name <name>', 'what it is for, such as "Production CI"')
    .requiredOption('--capability <name...>', 'what it may do; repeat for more')
    .option('--expires <time>', 'when it expires, such as 2027-01-31T12:00:00Z (default: never)')
    .option('--replaces <key-id>', 'the key it replaces')
    .option('--rate-limit <per-minute>', "requests per minute (default: the gateway's limit)")
    .option('--idempotency-key <text>', 'makes a repeated request create only one key')
    .addOption(jsonOption)
    .action(async (options: IssueOptions) => issueKey(connect(), options, output));
}

async function issueKey(keys: ManageClient, options: IssueOptions, output: Output): Promise<void> {
  const { name, capability: capabilities, expires, replaces, rateLimit, idempotencyKey } = options;
  refuseKeysIn({ name, capability: capabilities, expiry: expires, 'idempotency key': idempotencyKey });
  // Everything is checked before an owner is created, so that a typing mistake leaves nothing behind.
  const selection = selectCapabilities(capabilities);
  if (selection.outcome === 'refused') throw usageError(selection.problem);
  if (name.trim() === '')
    throw usageError('Enter a name that says what the key is for, such as "Production CI".');
  const rateLimitPerMinute = rateLimit === undefined ? undefined : parseRateLimit(rateLimit);
  const replaced = replaces === undefined ? undefined : keyIdIn(replaces);

  const owner = await findOrCreateOwner(keys, options.owner, output);
  const request = {
    name,
    capabilities,
    actor: ACTOR,
    ...(expires !== undefined && { expiresAt: expires }),
    ...(replaced !== undefined && { replaces: replaced }),
    ...(rateLimitPerMinute !== undefined && { rateLimitPerMinute }),
  };
  const issued = await keys.issue(owner.id, request, idempotencyKey);
  if (options.json) {
    output.result(JSON.stringify(issued, null, 2));
    return;
  }
  const { key, token } = issued;
  output.result(token);
  output.say(`
Created "${key.name}" for ${owner.email} with ${key.capabilities.join(', ')}. Its ID is ${key.id}.
Store the key above in a safe place now. You won't see it again.`);
}

/** An unknown email address becomes a new owner, and the output says so: the first key needs no other command. */
async function findOrCreateOwner(keys: ManageClient, name: string, output: Output): Promise<Owner> {
  if (!name.includes('@') || name.startsWith('id:')) return requireOwner(keys, name);
  const known = await findOwner(keys, name);
  if (known !== undefined) return known;
  const owner = await keys.putOwner(name, { email: name, emailSource: ACTOR, actor: ACTOR });
  output.say(`Created owner ${owner.id} (role ${owner.role}, tier ${owner.tier}).`);
  return owner;
}

function parseRateLimit(text: string): number {
  const perMinute = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (perMinute >= 1 && perMinute <= MAX_RATE_LIMIT_PER_MINUTE) return perMinute;
  throw usageError(
    `Rate limit must be an integer from 1 to ${MAX_RATE_LIMIT_PER_MINUTE} requests per minute.`,
  );
}
