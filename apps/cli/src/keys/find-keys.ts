import type { Command } from 'commander';
import { type KeyId, findPastedKeys } from '#libs/key-format';
import { type ManageClient, ManageRefused } from '#libs/keys-client';
import type { Key, Owner, Revocation } from '#libs/keys-contract';
import { type CommandContext, jsonOption } from '../command-context.js';
import { keyTable, revocationSentence } from '../output.js';
import { ownerWithId } from '../owners/find-owner.js';
import { refuseKeysIn, usageError } from '../pasted-keys.js';
import { readText } from '../pasted-text.js';

/** How many keys are looked up at most, and how many of them at the same time. */
const MAX_KEYS = 1000;
const AT_ONCE = 20;

interface FindOptions {
  revoke?: true;
  reason?: string;
  json?: true;
}

export function addFindCommand(program: Command, context: CommandContext): void {
  program
    .command('find [text...]')
    .description(
      'Find all keys in a text, and show whose they are. Only their IDs are sent.\n' +
        'Without a text, reads standard input: keys find < app.log',
    )
    .option('--revoke', 'revoke those that are active or paused; returns once no gateway accepts them')
    .option('--reason <text>', 'why they are revoked, for the audit log')
    .addOption(jsonOption)
    .action((words: string[], options: FindOptions) => findKeys(words, options, context));
}

async function findKeys(words: string[], options: FindOptions, context: CommandContext): Promise<void> {
  const { revoke, reason, json } = options;
  refuseKeysIn({ reason });
  if (reason !== undefined && !revoke) throw usageError('--reason needs --revoke.');
  const { output } = context;
  const { ids, mistyped } = findPastedKeys(await readText(words, context));
  if (ids.length > MAX_KEYS)
    throw usageError(`The text has ${ids.length} keys. Split it: at most ${MAX_KEYS} are looked up at once.`);
  for (const id of mistyped)
    output.say(`Skipped ${id}: its checksum is wrong. Look it up with: keys show ${id}`);
  if (ids.length === 0) throw notFound('No key found in the text.');

  const keys = context.connect();
  const { found, unknown } = await lookUp(keys, ids);
  for (const id of unknown) output.say(`No key with the ID ${id}.`);
  if (found.length === 0) throw notFound('No key in the text was issued here.');
  const owners = await ownersOf(keys, found);
  if (!json) output.result(keyTable(found, ({ ownerId }) => owners.get(ownerId)?.email ?? ownerId));

  const { revocations, failed } = await revokeAll(keys, revoke ? found : [], reason);
  if (json) {
    const shown = found.map((key) => ({ key, owner: owners.get(key.ownerId) ?? null }));
    output.result(JSON.stringify({ keys: shown, unknown, mistyped, revocations }, null, 2));
  } else {
    for (const revocation of revocations) output.result(revocationSentence(revocation));
  }
  for (const { key } of failed) output.say(`Not revoked: "${key.name}" (${key.id}).`);
  if (failed[0] !== undefined) throw failed[0].err;
}

async function lookUp(
  keys: ManageClient,
  ids: readonly KeyId[],
): Promise<{ found: Key[]; unknown: KeyId[] }> {
  const found: Key[] = [];
  const unknown: KeyId[] = [];
  await inBatches(ids, async (id) => {
    try {
      found.push(await keys.get(id));
    } catch (err) {
      if (!(err instanceof ManageRefused && err.status === 404)) throw err;
      unknown.push(id);
    }
  });
  return { found, unknown };
}

async function ownersOf(keys: ManageClient, found: readonly Key[]): Promise<Map<string, Owner>> {
  const owners = new Map<string, Owner>();
  await inBatches([...new Set(found.map(({ ownerId }) => ownerId))], async (id) => {
    const owner = await ownerWithId(keys, id);
    if (owner !== undefined) owners.set(id, owner);
  });
  return owners;
}

/** One that fails does not keep the others from being revoked. */
async function revokeAll(
  keys: ManageClient,
  found: readonly Key[],
  reason: string | undefined,
): Promise<{ revocations: Revocation[]; failed: { key: Key; err: unknown }[] }> {
  const revocations: Revocation[] = [];
  const failed: { key: Key; err: unknown }[] = [];
  const remaining = found.filter(({ state }) => state !== 'revoked' && state !== 'expired');
  await inBatches(remaining, async (key) => {
    try {
      revocations.push(await keys.revoke(key.id, reason === undefined ? {} : { reason }));
    } catch (err) {
      failed.push({ key, err });
    }
  });
  return { revocations, failed };
}

async function inBatches<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE)
    await Promise.all(items.slice(at, at + AT_ONCE).map(work));
}

function notFound(sentence: string): ManageRefused {
  return new ManageRefused(404, 'not_found', sentence, {});
}
