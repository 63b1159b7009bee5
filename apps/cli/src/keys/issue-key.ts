import type { Command } from 'commander';
import { readAddressRange } from '#libs/client-address';
import type { ManageClient } from '#libs/keys-client';
import { type CatalogueView, MAX_RATE_LIMIT_PER_MINUTE, type Owner } from '#libs/keys-contract';
import { type CommandContext, EMAIL_SOURCE, jsonOption } from '../command-context.js';
import { presetIn, readCatalogue } from '../list-capabilities.js';
import type { Output } from '../output.js';
import { findOwner, requireOwner } from '../owners/find-owner.js';
import { keyIdIn, refuseKeysIn, usageError } from '../pasted-keys.js';

interface IssueOptions {
  owner: string;
  name: string;
  capability?: string[];
  preset?: string;
  expires?: string;
  replaces?: string;
  rateLimit?: string;
  allowIp?: string[];
  idempotencyKey?: string;
  json?: true;
}

export function addIssueCommand(program: Command, { connect, output }: CommandContext): void {
  program
    .command('issue')
    .description('Create a key. It is printed once, on standard output.')
    .requiredOption('--owner <id-or-email>', 'whose key it is')
    .requiredOption('--name <name>', 'what it is for, such as "Production CI"')
    .option('--capability <name...>', 'what it may do; repeat for more (keys capabilities lists them)')
    .option('--preset <name>', 'what it may do, as a preset of the catalogue says')
    .option(
      '--expires <time>',
      'when it expires, such as 2027-01-31T12:00:00Z, or never (default: what keys capabilities says)',
    )
    .option('--replaces <key-id>', 'the key it replaces')
    .option('--rate-limit <per-minute>', "requests per minute (default: the gateway's limit)")
    .option(
      '--allow-ip <address...>',
      'from where alone it may be used, such as 203.0.113.0/24; repeat for more',
    )
    .option('--idempotency-key <text>', 'makes a repeated request create only one key')
    .addOption(jsonOption)
    .action(async (options: IssueOptions) => issueKey(connect(), options, output));
}

async function issueKey(keys: ManageClient, options: IssueOptions, output: Output): Promise<void> {
  const {
    name,
    capability: named = [],
    preset,
    expires,
    replaces,
    rateLimit,
    allowIp,
    idempotencyKey,
  } = options;
  refuseKeysIn({ name, capability: named, preset, expiry: expires, 'idempotency key': idempotencyKey });
  // Everything is checked before an owner is created, so that a typing mistake leaves nothing behind.
  if (named.length === 0 && preset === undefined)
    throw usageError(
      'Name what it may do: --capability <name>, or --preset <name>. List them with keys capabilities.',
    );
  if (name.trim() === '')
    throw usageError('Enter a name that says what the key is for, such as "Production CI".');
  const rateLimitPerMinute = rateLimit === undefined ? undefined : parseRateLimit(rateLimit);
  const replaced = replaces === undefined ? undefined : keyIdIn(replaces);
  const allowedIps = allowIp?.map(parseAddress);
  const capabilities = await chooseCapabilities(keys, named, preset);

  const owner = await findOrCreateOwner(keys, options.owner, output);
  const request = {
    name,
    capabilities,
    ...(expires !== undefined && { expiresAt: expires === 'never' ? null : expires }),
    ...(replaced !== undefined && { replaces: replaced }),
    ...(rateLimitPerMinute !== undefined && { rateLimitPerMinute }),
    ...(allowedIps !== undefined && { allowedIps }),
  };
  const issued = await keys.issue(owner.id, request, idempotencyKey);
  if (options.json) {
    output.result(JSON.stringify(issued, null, 2));
    return;
  }
  const { key, token } = issued;
  output.result(token);
  const expiry = key.expiresAt === null ? '' : ` It expires at ${key.expiresAt}.`;
  output.say(`
Created "${key.name}" for ${owner.email} with ${key.capabilities.join(', ')}. Its ID is ${key.id}.${expiry}
Store the key above in a safe place now. You won't see it again.`);
}

/** Those that are named, and those of the preset. A keys service that does not list its capabilities checks them later. */
async function chooseCapabilities(
  keys: ManageClient,
  named: readonly string[],
  preset: string | undefined,
): Promise<readonly string[]> {
  if (preset !== undefined) {
    const catalogue = await readCatalogue(keys);
    return requireKnown([...named, ...presetIn(catalogue, preset)], catalogue);
  }
  const catalogue = await keys.catalogue();
  return catalogue === undefined ? named : requireKnown(named, catalogue);
}

function requireKnown(names: readonly string[], { capabilities }: CatalogueView): readonly string[] {
  const known = capabilities.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  const quoted = JSON.stringify(unknown.slice(0, 40));
  throw usageError(`Unknown capability ${quoted}. Choose from: ${known.join(', ')}.`);
}

/** An unknown email address becomes a new owner, and the output says so: the first key needs no other command. */
async function findOrCreateOwner(keys: ManageClient, name: string, output: Output): Promise<Owner> {
  if (!name.includes('@') || name.startsWith('id:')) return requireOwner(keys, name);
  const known = await findOwner(keys, name);
  if (known !== undefined) return known;
  const owner = await keys.putOwner(name, { email: name, emailSource: EMAIL_SOURCE });
  output.say(`Created owner ${owner.id} (role ${owner.role}, tier ${owner.tier}).`);
  return owner;
}

function parseAddress(text: string): string {
  const range = readAddressRange(text);
  if (range.outcome === 'range') return range.text;
  throw usageError(`--allow-ip ${range.problem}`);
}

function parseRateLimit(text: string): number {
  const perMinute = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (perMinute >= 1 && perMinute <= MAX_RATE_LIMIT_PER_MINUTE) return perMinute;
  throw usageError(
    `Rate limit must be an integer from 1 to ${MAX_RATE_LIMIT_PER_MINUTE} requests per minute.`,
  );
}
