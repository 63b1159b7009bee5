import { type ManageClient, ManageRefused } from '#libs/keys-client';
import type { Owner } from '#libs/keys-contract';
import { matchingOwners } from '../output.js';
import { refuseKeysIn, usageError } from '../pasted-keys.js';

/** Marks a name as an ID, for IDs that look like an email address. */
const ID_PREFIX = 'id:';

/**
 * Every owner that `name` can mean: the one with that ID, and those with that email address (in any case, verified or
 * not). With the prefix `id:`, only the one with that ID.
 */
async function matchOwners(keys: ManageClient, name: string): Promise<readonly Owner[]> {
  refuseKeysIn({ owner: name });
  const named = await ownerWithId(keys, idOf(name));
  const byId = named === undefined ? [] : [named];
  if (name.startsWith(ID_PREFIX) || !isAddress(name)) return byId;
  const byAddress = await keys.findOwnersByEmail(name);
  return [...byId, ...byAddress.filter(({ id }) => id !== named?.id)];
}

/**
 * The one owner that `name` means, by ID or by verified email address; undefined when there is none. It never guesses:
 * an address that is not verified could be anybody's, so such owners, and several that match, are listed instead.
 */
export async function findOwner(keys: ManageClient, name: string): Promise<Owner | undefined> {
  const [owner, ...others] = await matchOwners(keys, name);
  if (owner === undefined) return undefined;
  const isNamed = owner.emailVerified || owner.id === name || name.startsWith(ID_PREFIX);
  if (isNamed && others.length === 0) return owner;
  const what =
    others.length === 0
      ? `No owner has the verified address ${name}.`
      : `${others.length + 1} owners match ${name}.`;
  throw usageError(`${what} Name the one you mean by ID:\n${matchingOwners([owner, ...others])}`);
}

/** As {@link findOwner}, but an unknown owner is an error. */
export async function requireOwner(keys: ManageClient, name: string): Promise<Owner> {
  return (await findOwner(keys, name)) ?? noOwner(name);
}

/** Every owner that matches, for commands with `--all`; none is an error. */
export async function requireOwners(keys: ManageClient, name: string): Promise<readonly Owner[]> {
  const owners = await matchOwners(keys, name);
  return owners.length === 0 ? noOwner(name) : owners;
}

function noOwner(name: string): never {
  const what = isAddress(name) ? `ID or address ${name}` : `ID ${name}`;
  throw new ManageRefused(
    404,
    'not_found',
    `No owner with the ${what}. Create one with: keys owners put <id> --email <email>.`,
    {},
  );
}

/** The owner with this ID. */
export async function ownerWithId(keys: ManageClient, id: string): Promise<Owner | undefined> {
  try {
    return await keys.getOwner(id);
  } catch (err) {
    if (err instanceof ManageRefused && err.status === 404) return undefined;
    throw err;
  }
}

/** The ID in a name, without the prefix `id:`. */
export function idOf(name: string): string {
  return name.startsWith(ID_PREFIX) ? name.slice(ID_PREFIX.length) : name;
}

function isAddress(name: string): boolean {
  return name.includes('@');
}
