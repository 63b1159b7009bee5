import type {
  CatalogueView,
  Expiry,
  InEffect,
  Key,
  KeyActivity,
  KeyExposures,
  Owner,
  Pause,
  Revocation,
} from '#libs/keys-contract';

/** Results go to standard output, messages for people to standard error. */
export interface Output {
  result(text: string): void;
  say(text: string): void;
}

export const terminal: Output = {
  result: (text) => process.stdout.write(text + '\n'),
  say: (text) => process.stderr.write(text + '\n'),
};

/** Keys as a table, with their owners where there may be several. */
export function keyTable(keys: readonly Key[], ownerOf?: (key: Key) => string): string {
  const header = ['NAME', 'STATE', 'CAPABILITIES', 'CREATED', 'LAST USED', 'EXPIRES', 'FROM'];
  const rows = keys.map((key) => [
    key.id,
    ...(ownerOf === undefined ? [] : [ownerOf(key)]),
    key.name,
    key.state,
    key.capabilities.join(' '),
    day(key.createdAt),
    minute(key.lastUsedAt),
    day(key.expiresAt, 'never'),
    placesOf(key),
  ]);
  return table([['ID', ...(ownerOf === undefined ? [] : ['OWNER']), ...header], ...rows]);
}

/** Where a key may be used from: up to two addresses, as a list has room for. */
function placesOf({ allowedIps }: Key): string {
  if (allowedIps === null) return 'anywhere';
  const more = allowedIps.length - 2;
  return allowedIps.slice(0, 2).join(' ') + (more > 0 ? ` +${more}` : '');
}

/** Owners as a table. */
export function ownerTable(owners: readonly Owner[]): string {
  const header = ['ID', 'EMAIL', 'VERIFIED', 'ROLE', 'TIER', 'CREATED', 'SUSPENDED'];
  const rows = owners.map((owner) => [
    owner.id,
    owner.email,
    owner.emailVerified ? 'yes' : 'no',
    owner.role,
    owner.tier,
    day(owner.createdAt),
    day(owner.suspendedAt, 'no'),
  ]);
  return table([header, ...rows]);
}

export function keyDetails(key: Key, exposures: KeyExposures['exposures'] = []): string {
  return table([
    ['key', `${key.publicPart}_...${key.last4}`],
    ['id', key.id],
    ['name', key.name],
    ['owner', key.ownerId],
    ['state', key.state],
    ['capabilities', key.capabilities.join(' ')],
    ['created', `${key.createdAt} by ${key.createdBy}`],
    ['last used', key.lastUsedAt ?? 'never'],
    ['expires', key.expiresAt ?? 'never'],
    ...(key.rateLimitPerMinute === null ? [] : [['rate limit', `${key.rateLimitPerMinute} per minute`]]),
    ...(key.allowedIps === null ? [] : [['allowed addresses', key.allowedIps.join(' ')]]),
    ...(key.replaces === null ? [] : [['replaces', key.replaces]]),
    ...(key.pausedAt === null ? [] : [['paused', key.pausedAt]]),
    ...exposures.map(({ at, source, url, address }) => [
      'exposed',
      `${at} by ${source}${url === null ? '' : ` at ${url}`}${address === null ? '' : `, reported from ${address}`}`,
    ]),
    ...(key.revokedAt === null ? [] : [['revoked', `${key.revokedAt} by ${key.revokedBy ?? 'unknown'}`]]),
    ...(key.revocationReason === null ? [] : [['reason', key.revocationReason]]),
  ]);
}

/** What a key may do, by group, and presets; and for how long. */
export function catalogueText({ groups, capabilities, presets, lifetimes }: CatalogueView): string {
  const width = Math.max(...[...capabilities, ...presets].map(({ name }) => name.length));
  const lines = (items: readonly { readonly name: string; readonly text: string }[]): string[] =>
    items.map(({ name, text }) => `  ${name.padEnd(width)}  ${text}`);
  const sections = groups.map(({ name, title }) => ({
    title,
    items: capabilities
      .filter(({ group }) => group === name)
      .map(({ name, description }) => ({ name, text: description })),
  }));
  const ofPresets = presets.map(({ name, title, capabilities }) => ({
    name,
    text: `${title}: ${capabilities.join(' ')}`,
  }));
  const lists = [...sections, { title: 'Presets', items: ofPresets }]
    .filter(({ items }) => items.length > 0)
    .map(({ title, items }) => [title, ...lines(items)].join('\n'));
  return [...lists, lifetimesText(lifetimes)].join('\n\n');
}

function lifetimesText({ defaultDays, maxDays, idleDays }: CatalogueView['lifetimes']): string {
  return [
    defaultDays === null
      ? 'A key never expires unless you say when.'
      : `A key expires after ${count(defaultDays, 'day')} unless you say when.`,
    ...(maxDays === null ? [] : [`It may live for at most ${count(maxDays, 'day')}.`]),
    ...(idleDays === null ? [] : [`If it is unused for ${count(idleDays, 'day')}, it is revoked.`]),
  ].join(' ');
}

/** Requests made with a key, as a table. */
export function activityTable({ activity }: KeyActivity): string {
  const header = ['LAST', 'FIRST', 'COUNT', 'STATUS', 'ROUTE', 'FROM'];
  const rows = activity.map(({ lastAt, firstAt, count, status, route, address }) => [
    minute(lastAt),
    minute(firstAt),
    String(count),
    String(status),
    route,
    address ?? 'many',
  ]);
  return table([header, ...rows]);
}

export function printOwner(output: Output, owner: Owner, asJson: true | undefined): void {
  output.result(asJson ? JSON.stringify(owner, null, 2) : ownerDetails(owner));
}

export function ownerDetails(owner: Owner): string {
  return table([
    ['id', owner.id],
    ['email', owner.email],
    ['email verified', owner.emailVerified ? 'yes' : 'no'],
    ['email set by', owner.emailSource ?? 'unknown'],
    ['role', owner.role],
    ['tier', owner.tier],
    ['created', owner.createdAt],
    ['suspended', owner.suspendedAt ?? 'no'],
  ]);
}

/** Owners to choose from, one per line: how to name each, and whether its email address is verified. */
export function matchingOwners(owners: readonly Owner[]): string {
  const rows = owners.map(({ id, email, emailVerified, emailSource }) => [
    `id:${id}`,
    email,
    `${emailVerified ? 'verified' : 'not verified'}, set by ${emailSource ?? 'unknown'}`,
  ]);
  return table(rows)
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

/** "2 owners with 3 active keys" */
export function ownersAndKeys(owners: number, keys: number): string {
  return `${count(owners, 'owner')} with ${count(keys, 'active key')}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** `Revoked "Production CI" (...); 3 gateways confirmed in 4 ms.` */
export function revocationSentence(revocation: Revocation): string {
  const { key } = revocation;
  return `Revoked "${key.name}" (${key.id}); ${effectOf(revocation)}.`;
}

/** `"Production CI" (...) expires at 2027-01-31T12:00:00.000Z; 3 gateways confirmed in 4 ms.` */
export function expirySentence(expiry: Expiry): string {
  const { key } = expiry;
  return `"${key.name}" (${key.id}) expires at ${key.expiresAt ?? 'never'}; ${effectOf(expiry)}.`;
}

/** `Paused "Production CI" (...); 3 gateways confirmed in 4 ms.` */
export function pauseSentence(pause: Pause): string {
  const { key } = pause;
  const done = key.pausedAt === null ? 'Resumed' : 'Paused';
  return `${done} "${key.name}" (${key.id}); ${effectOf(pause)}.`;
}

function effectOf({ gateways, waitedMs, how }: InEffect): string {
  const time = waitedMs < 1000 ? `${Math.ceil(waitedMs)} ms` : `${(waitedMs / 1000).toFixed(1)} s`;
  const confirmed = gateways === 1 ? '1 gateway confirmed' : `${gateways} gateways confirmed`;
  return how === 'acknowledged'
    ? `${confirmed} in ${time}`
    : `in effect everywhere after ${time}, ${confirmed}`;
}

function day(moment: string | null, absent = ''): string {
  return moment?.slice(0, 10) ?? absent;
}

/** To the minute, in UTC: gateways report uses up to a minute late. */
export function minute(moment: string | null): string {
  return moment === null ? 'never' : `${moment.slice(0, 16)}Z`;
}

/** Rows with aligned columns. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
