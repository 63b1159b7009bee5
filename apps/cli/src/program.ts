import { Command, Option } from 'commander';
import { CAPABILITIES, selectCapabilities } from '#libs/capabilities';
import {
  HIGHEST_RATE_LIMIT,
  KEY_STATES,
  type Key,
  type KeyState,
  type ManageClient,
  type Owner,
} from '#libs/keys-client';
import { EXIT_CODES } from './exit-codes.js';
import { findOwner, idOf, ownerWithId, requireOwner, requireOwners } from './find-owner.js';
import { momentOf } from './moment-of.js';
import { keyIdIn, refuseKeysIn, usageError } from './pasted.js';
import {
  type Output,
  activityTable,
  concernedSentence,
  expirySentence,
  keyDetails,
  keyTable,
  ownerDetails,
  revocationSentence,
} from './output.js';

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

interface PutOwnerOptions {
  email: string;
  emailVerified?: true;
  role?: string;
  tier?: string;
  json?: true;
}

/** Who the audit says it was. */
const ACTOR = 'cli';

const HELP = `
Capabilities:
${CAPABILITIES.map(({ name, unlocks }) => `  ${name.padEnd(18)} ${unlocks}`).join('\n')}

Exit codes: ${Object.entries(EXIT_CODES)
  .map(([name, code]) => `${code} ${name}`)
  .join(', ')}.`;

/** The operator's command line. `connect` is called once a command needs the keys service. */
export function makeProgram(connect: () => ManageClient, output: Output): Command {
  const program = new Command('keys')
    .description('Issue, list and revoke API keys.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.result(text.trimEnd()),
      writeErr: (text) => output.say(text.trimEnd()),
    })
    .addHelpText('after', HELP);
  const json = new Option('--json', 'answer as JSON, for scripts');

  program
    .command('issue')
    .description('Create a key. Printed once, on standard output.')
    .requiredOption('--owner <id-or-email>', 'whose key it is')
    .requiredOption('--name <name>', 'what it is for, such as "Production CI"')
    .requiredOption('--capability <name...>', 'what it may do; repeat it for more')
    .option('--expires <moment>', 'when it expires, such as 2027-01-31T12:00:00Z (default: never)')
    .option('--replaces <key-id>', 'the key that it is to replace')
    .option(
      '--rate-limit <per-minute>',
      'how many requests it may make a minute; the usual number when left out',
    )
    .option('--idempotency-key <text>', 'names this request: repeating it makes no second key')
    .addOption(json)
    .action(async (options: IssueOptions) => issue(connect(), options, output));

  program
    .command('list')
    .description('List the keys of an owner, the active ones unless told otherwise.')
    .requiredOption('--owner <id-or-email>', 'whose keys')
    .addOption(new Option('--state <state>', 'which ones').choices([...KEY_STATES, 'all']).default('active'))
    .addOption(json)
    .action(async ({ owner: name, state, json }: { owner: string; state: KeyState | 'all'; json?: true }) => {
      const keys = connect();
      const { id } = await requireOwner(keys, name);
      const found = await keysOf(keys, id, state);
      if (json) output.result(JSON.stringify(found, null, 2));
      else if (found.length > 0) output.result(keyTable(found));
      else output.say(`${name} has no ${state === 'all' ? '' : `${state} `}keys.`);
    });

  program
    .command('show <key-id>')
    .description('Show a key, in whatever state.')
    .addOption(json)
    .action(async (text: string, { json }: { json?: true }) => {
      const key = await connect().get(keyIdIn(text));
      output.result(json ? JSON.stringify(key, null, 2) : keyDetails(key));
    });

  program
    .command('activity <key-id>')
    .description('Show what a key has done lately, the latest first: by route, answer and address.')
    .addOption(json)
    .action(async (text: string, { json }: { json?: true }) => {
      const found = await connect().activity(keyIdIn(text), { limit: 500 });
      if (json) output.result(JSON.stringify(found.activity, null, 2));
      else if (found.activity.length > 0) output.result(activityTable(found));
      else output.say('Nothing was done with this key in the days that are kept.');
    });

  program
    .command('revoke <key-id>')
    .description('Revoke a key. Returns when no gateway accepts it any more.')
    .option('--reason <text>', 'why, for the audit')
    .addOption(json)
    .action(async (text: string, { reason, json }: { reason?: string; json?: true }) => {
      refuseKeysIn({ reason });
      const revocation = await connect().revoke(keyIdIn(text), {
        actor: ACTOR,
        ...(reason !== undefined && { reason }),
      });
      output.result(json ? JSON.stringify(revocation, null, 2) : revocationSentence(revocation));
    });

  program
    .command('expire <key-id>')
    .description('Let a key expire, earlier than it would. Returns when every gateway knows.')
    .option('--in <duration>', 'after how long, such as 30m, 24h or 7d')
    .option('--at <moment>', 'or when, such as 2027-01-31T12:00:00Z')
    .addOption(json)
    .action(async (text: string, options: { in?: string; at?: string; json?: true }) => {
      refuseKeysIn({ moment: [options.in ?? '', options.at ?? ''] });
      const moment = momentOf(options, Date.now());
      if (moment.outcome === 'refused') throw usageError(moment.problem);
      const expiry = await connect().expire(keyIdIn(text), { expiresAt: moment.text, actor: ACTOR });
      output.result(options.json ? JSON.stringify(expiry, null, 2) : expirySentence(expiry));
    });

  program.addCommand(ownersCommand(connect, output, json));
  return program;
}

async function issue(keys: ManageClient, options: IssueOptions, output: Output): Promise<void> {
  const {
    owner: ownerName,
    name,
    capability: capabilities,
    expires,
    replaces,
    rateLimit,
    idempotencyKey,
    json,
  } = options;
  refuseKeysIn({ name, capability: capabilities, expiry: expires, 'idempotency key': idempotencyKey });
  // Before an owner is created, who would be left behind.
  const selection = selectCapabilities(capabilities);
  if (selection.outcome === 'refused') throw usageError(selection.problem);
  if (name.trim() === '') throw usageError('The name says what the key is for, such as "Production CI".');
  const rateLimitPerMinute = rateLimit === undefined ? undefined : rateLimitIn(rateLimit);
  const replaced = replaces === undefined ? undefined : keyIdIn(replaces);
  const owner = await ownerForNewKey(keys, ownerName, output);
  const request = {
    name,
    capabilities,
    actor: ACTOR,
    ...(expires !== undefined && { expiresAt: expires }),
    ...(replaced !== undefined && { replaces: replaced }),
    ...(rateLimitPerMinute !== undefined && { rateLimitPerMinute }),
  };
  const issued = await keys.issue(owner.id, request, idempotencyKey);
  if (json) {
    output.result(JSON.stringify(issued, null, 2));
    return;
  }
  const { key, token } = issued;
  output.result(token);
  output.say(`
"${key.name}" for ${owner.email}: ${key.capabilities.join(', ')}. Its id is ${key.id}.
Keep the key above in a safe place now: it is not stored, and cannot be shown again.`);
}

/** An owner named by an address that nobody has is created, and that is said: the first key needs no other command. */
async function ownerForNewKey(keys: ManageClient, name: string, output: Output): Promise<Owner> {
  if (!name.includes('@') || name.startsWith('id:')) return requireOwner(keys, name);
  const known = await findOwner(keys, name);
  if (known !== undefined) return known;
  const owner = await keys.putOwner(name, { email: name, emailSource: ACTOR, actor: ACTOR });
  output.say(`Created owner ${owner.id} (role ${owner.role}, tier ${owner.tier}).`);
  return owner;
}

function ownersCommand(connect: () => ManageClient, output: Output, json: Option): Command {
  const owners = new Command('owners').description('Manage owners.').exitOverride();
  const answer = (owner: Owner, asJson: true | undefined): void =>
    output.result(asJson ? JSON.stringify(owner, null, 2) : ownerDetails(owner));

  owners
    .command('put <id>')
    .description('Create or update an owner.')
    .requiredOption('--email <email>')
    .option('--email-verified', 'the address is proven to be theirs')
    .option('--role <word>', 'a word for the upstream services (default: unchanged, or user)')
    .option('--tier <word>', 'a word for the upstream services (default: unchanged, or free)')
    .addOption(json)
    .action(async (name: string, options: PutOwnerOptions) => {
      const { json: asJson, ...given } = options;
      refuseKeysIn({ owner: name, email: given.email });
      const keys = connect();
      const id = idOf(name);
      const known = await ownerWithId(keys, id);
      const kept = known === undefined ? {} : { role: known.role, tier: known.tier };
      const isToldNow = known?.email !== given.email || given.emailVerified !== undefined;
      const source = isToldNow ? { emailSource: ACTOR } : {};
      answer(await keys.putOwner(id, { ...kept, ...given, ...source, actor: ACTOR }), asJson);
    });
  owners
    .command('show <id-or-email>')
    .addOption(json)
    .action(async (name: string, { json }: { json?: true }) =>
      answer(await requireOwner(connect(), name), json),
    );

  const change = async (
    name: string,
    { all, json: asJson }: { all?: true; json?: true },
    [done, apply]: [string, (keys: ManageClient, id: string) => Promise<Owner>],
  ): Promise<void> => {
    const keys = connect();
    const changed: Owner[] = [];
    let active = 0;
    const concerned = all ? await requireOwners(keys, name) : [await requireOwner(keys, name)];
    for (const { id } of concerned) {
      changed.push(await apply(keys, id));
      active += (await keysOf(keys, id, 'active')).length;
    }
    if (asJson) output.result(JSON.stringify(all ? changed : changed[0], null, 2));
    else output.result(changed.map(ownerDetails).join('\n\n'));
    output.say(`${done} ${concernedSentence(changed.length, active)}.`);
  };
  const every = new Option('--all', 'every owner with this address, verified or not');
  owners
    .command('suspend <id-or-email>')
    .description('Refuse all keys of an owner. Returns when every gateway does.')
    .addOption(every)
    .addOption(json)
    .action((name: string, options: { all?: true; json?: true }) =>
      change(name, options, ['Suspended', (keys, id) => keys.suspendOwner(id, { actor: ACTOR })]),
    );
  owners
    .command('resume <id-or-email>')
    .description('Accept the keys of a suspended owner again.')
    .addOption(every)
    .addOption(json)
    .action((name: string, options: { all?: true; json?: true }) =>
      change(name, options, ['Resumed', (keys, id) => keys.resumeOwner(id, { actor: ACTOR })]),
    );
  return owners;
}

/** All keys of an owner in that state. */
async function keysOf(keys: ManageClient, ownerId: string, state: KeyState | 'all'): Promise<Key[]> {
  const found: Key[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await keys.list(ownerId, { state, limit: 200, ...(cursor !== undefined && { cursor }) });
    found.push(...page.keys);
    cursor = page.nextCursor;
  }
  return found;
}

function rateLimitIn(text: string): number {
  const perMinute = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (perMinute >= 1 && perMinute <= HIGHEST_RATE_LIMIT) return perMinute;
  throw usageError(`The rate limit is a whole number from 1 to ${HIGHEST_RATE_LIMIT} a minute.`);
}
