import { type ManageClient, ManageRefused, type Owner } from '#libs/keys-client';
import { matchingOwners } from './output.js';
import { refuseKeysIn, usageError } from './pasted.js';

/** Before an id, where that could be an address as well. */
const ID_PREFIX = 'id:';

/**
 * Every owner that `name` can mean: the one of that id, and those of that address, whatever its case, verified or not.
 * With `id:` before it, the one of that id alone.
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
 * The one owner that `name` means: by id, or by an address that is verified. Undefined when there is none. It never
 * guesses: an address that somebody has typed in names nobody, and several that match are listed for the operator.
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

/** The same, but refused when nobody knows them. */
export async function requireOwner(keys: ManageClient, name: string): Promise<Owner> {
  return (await findOwner(keys, name)) ?? noOwner(name);
}

/** All that match, for a command that is about all of them; refused when there is none. */
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

/** The owner of this id. */
export async function ownerWithId(keys: ManageClient, id: string): Promise<Owner | undefined> {
  try {
    return await keys.getOwner(id);
  } catch (err) {
    if (err instanceof ManageRefused && err.status === 404) return undefined;
    throw err;
  }
}

/** The id that a name is, with or without `id:` before it. */
export function idOf(name: string): string {
  return name.startsWith(ID_PREFIX) ? name.slice(ID_PREFIX.length) : name;
}

function isAddress(name: string): boolean {
  return name.includes('@');
}
