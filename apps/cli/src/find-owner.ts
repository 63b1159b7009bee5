import { type ManageClient, ManageRefused, type Owner } from '#libs/keys-client';

/** Owners are named by their id, or by their email where only one has it. Undefined: nobody knows them. */
export async function findOwner(keys: ManageClient, name: string): Promise<Owner | undefined> {
  try {
    return await keys.getOwner(name);
  } catch (err) {
    if (!(err instanceof ManageRefused) || err.status !== 404) throw err;
  }
  if (!name.includes('@')) return undefined;
  const owners = await keys.findOwnersByEmail(name);
  if (owners.length > 1) {
    const ids = owners.map(({ id }) => id).join(', ');
    throw new ManageRefused(
      400,
      'invalid_request',
      `Several owners have the email ${name}: name one by its id, of ${ids}.`,
      {},
    );
  }
  return owners[0];
}

/** The same, but refused when nobody knows them. */
export async function requireOwner(keys: ManageClient, name: string): Promise<Owner> {
  const owner = await findOwner(keys, name);
  if (owner !== undefined) return owner;
  throw new ManageRefused(
    404,
    'not_found',
    `There is no owner ${name}. Make one with: keys owners put <id> --email <email>.`,
    {},
  );
}
