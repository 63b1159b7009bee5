import { type KeyLifetimes, MAX_NAME_LENGTH } from '#libs/keys-contract';
import { countOf, duration } from '../time/format.js';

const FINDERS: ReadonlyMap<string, string> = new Map([
  ['public', 'someone'],
  ['github', 'GitHub'],
  ['gitlab', 'GitLab'],
  ['trufflehog', 'TruffleHog'],
]);

/** How others came to see a key. A newer version may know more sources. */
function howExposed(source: string | null): string {
  if (source === 'plain_http') return 'sent without encryption';
  return `found by ${FINDERS.get(source ?? '') ?? source ?? 'someone'}`;
}

/** What the API keys tab says. What each capability unlocks is said by the catalogue. */
export const keyMessages = {
  created: (day: string) => `created ${day}`,

  list: {
    heading: 'API keys',
    sub: 'Call the API from your own programs. Use a separate key for each script, CI job or MCP client.',
    create: 'Create key',
    empty: 'No keys yet',
    emptyText:
      'A key lets a program call the API on your behalf, with only the permissions you choose. You can revoke one key without affecting the others.',
    emptyCreate: 'Create your first key',
    failed: 'Couldn’t load your keys',
    more: 'Load more',
    search: 'Search by name or key',
    nothingFound: 'No keys match.',
    sortBy: 'Sort by',
    sort: { newest: 'Newest first', name: 'Name', used: 'Last used', expires: 'Expires first' },
    showInactive: 'Show revoked and expired keys',
    sections: { active: 'Active', paused: 'Paused', expired: 'Expired', revoked: 'Revoked' },
    none: {
      active: 'No active keys.',
      paused: 'No paused keys.',
      expired: 'No expired keys.',
      revoked: 'No revoked keys.',
    },
    replacedAndEnds: (last4: string) => `Replaced by …${last4}.`,
    columns: {
      name: 'Name',
      capabilities: 'Capabilities',
      created: 'Created',
      used: 'Last used',
      expires: 'Expires',
    },
    used: 'Used',
    never: 'Never',
    revoked: 'Revoked',
    expired: 'Expired',
    withdrawn: 'No longer offered',
    onlyFrom: (addresses: readonly string[]) => `Only from ${addresses.join(', ')}`,
    copyPublic: (key: string) => `Copy the public part of ${key}`,
    replacedBy: (last4: string) => `Being replaced by …${last4}.`,
    continue: 'Continue',
    continueWith: (key: string) => `Continue the rotation of ${key}`,
    exposed: {
      mark: (source: string | null, day: string) => `Exposed: ${howExposed(source)} on ${day}.`,
      revoke: 'Revoke it',
      revokeThis: (key: string) => `Revoke it: ${key}`,
    },
  },

  menu: {
    label: (key: string) => `Actions for ${key}`,
    details: 'Details',
    activity: 'Recent activity',
    connect: 'Connect…',
    rotate: 'Rotate…',
    pause: 'Pause…',
    resume: 'Resume…',
    revoke: 'Revoke…',
    leaked: 'Report a leak…',
  },

  page: {
    back: 'All keys',
    failed: 'Couldn’t load this key',
    usage: 'Use',
  },

  details: {
    heading: 'Details',
    exposed: 'Exposed',
    howExposed,
    state: 'State',
    states: { active: 'Active', paused: 'Paused', expired: 'Expired', revoked: 'Revoked' },
    publicPart: 'Public part',
    capabilities: 'Capabilities',
    created: 'Created',
    expires: 'Expires',
    lastUsed: 'Last used',
    paused: 'Paused',
    revoked: 'Revoked',
    reason: 'Reason',
    addresses: 'Allowed addresses',
    anyAddress: 'Any',
    limit: 'Limit',
    perMinute: (count: number) => `${countOf(count)} requests a minute`,
    replaces: 'Replaces',
    never: 'Never',
  },

  capabilities: {
    broad: 'Full control',
    broadWarning: 'Anyone with this key can do all of this as you. Grant it only when needed.',
  },

  create: {
    heading: 'Create an API key',
    name: 'Name',
    nameHint: 'Where will you use this key?',
    nameExamples: ['Production CI', 'Staging monitor', 'Local MCP client'],
    nameMissing: 'Enter a name.',
    nameLong: `Use at most ${MAX_NAME_LENGTH} characters.`,
    capabilities: 'Capabilities',
    capabilitiesHint: 'Can’t be changed later. Create a new key instead.',
    capabilitiesFailed: 'Couldn’t load what a key may do',
    presets: 'Presets',
    capabilitiesMissing: 'Choose at least one capability.',
    expires: 'Expires',
    expiry: (choice: number | 'never' | 'date') => {
      if (choice === 'never') return 'Never';
      if (choice === 'date') return 'On a date';
      return choice === 365 ? 'In 1 year' : `In ${days(choice)}`;
    },
    lifetimes: ({ maxDays, idleDays }: KeyLifetimes) => [
      ...(maxDays === null ? [] : [`Keys end after at most ${days(maxDays)} here.`]),
      ...(idleDays === null ? [] : [`Keys that are unused for ${days(idleDays)} are revoked.`]),
    ],
    expiresOn: (day: string) => `Works until ${day}.`,
    expiresNever: 'Works until you revoke it. A key that nobody remembers still works, so prefer an end.',
    date: 'Expiry date',
    dateMissing: 'Choose today or later.',
    addresses: 'Allowed addresses (optional)',
    addressesHint:
      'IP addresses and networks such as 203.0.113.0/24, one per line. If you enter none, the key works from anywhere. Can’t be changed later.',
    submit: 'Create key',
    connectionLost: 'Connection lost while creating the key',
    connectionLostText: 'Everything you typed is still here. Try again: you won’t get a duplicate.',
    tokenLost: 'The key was created, but it never reached your browser',
    tokenLostText: (name: string, last4: string) =>
      `“${name}” (…${last4}) exists but can’t be shown again. Revoke it and create a new one with the same settings.`,
    revokeAndRetry: 'Revoke and create a new one',
    confirm: 'Discard what you entered?',
    confirmText: 'No key has been created yet.',
    goBack: 'Go back to the form',
    leave: 'Discard',
    alreadyCreated: 'An earlier attempt already created a key',
    alreadyCreatedText:
      'It has the settings you chose then; find it in the list. Try again to create another.',
  },

  shown: {
    heading: 'Your key is ready',
    once: 'Copy your new key now. You won’t see it again.',
    key: 'Your new key',
    copy: 'Copy key',
    download: 'Download .env',
    test: 'Test key',
    works: (ms: number) => `It works. The API responded in ${duration(ms)}.`,
    fails: (status: number) => `The API returned ${status}. Wait a few seconds, then test again.`,
    failsHere: 'It may not be used from this browser’s address, only from the allowed ones.',
    saved: 'I’ve saved it',
    confirm: 'Have you saved the key?',
    confirmText: 'You won’t see it again. If you haven’t saved it, go back and copy it.',
    goBack: 'Go back to the key',
    leave: 'I’ve saved it, close',
  },

  revoke: {
    heading: 'Revoke key',
    text: 'Anything using this key gets 401 immediately. This can’t be undone.',
    unused: 'No program has used it in the last 24 hours.',
    neverUsed: 'It has never been used.',
    used: (usage: string) => `In the last 24 hours: ${usage}.`,
    lastRequest: 'The last one was',
    lastUsed: 'Last used',
    inUse: 'Something probably still needs this key.',
    type: (last4: string) => `Type ${last4}, its last four characters, to confirm`,
    submit: 'Revoke key',
    done: (propagation: string) => `Revoked. ${propagation}`,
    waiting: 'Revoking… waiting for all gateways.',
    waitingLong:
      'A gateway isn’t responding. Waiting until it can no longer accept the key: 11 seconds at most.',
    connectionLostText: 'The key may already be revoked. Try again to be sure: revoking twice is harmless.',
  },

  pause: {
    heading: 'Pause key',
    text: 'Anything using this key gets 401 immediately, until you resume it.',
    submit: 'Pause key',
    done: (propagation: string) => `Paused. ${propagation}`,
    waiting: 'Pausing… waiting for all gateways.',
  },

  resume: {
    heading: 'Resume key',
    text: 'The key works again, with the same capabilities as before.',
    submit: 'Resume key',
    done: (propagation: string) => `Resumed. ${propagation}`,
    waiting: 'Resuming… waiting for all gateways.',
  },

  rotate: {
    heading: 'Rotate key',
    steps: ['Create replacement', 'Switch over', 'Retire old key'],
    step: (at: number) => `Step ${at} of 3`,
    createText:
      'You get a second key with the same name and capabilities. The old key keeps working until you retire it, so nothing breaks.',
    worksUntil: (day: string) => `The new key works until ${day}.`,
    create: 'Create replacement',
    next: 'I’ve saved it, next',
    switchText:
      'Replace the old key with the new one wherever you use it. Use of either key shows here within a minute.',
    oldKey: 'Old key',
    newKey: 'New key',
    waitForNew: 'No program has used the new key yet. Tests from this page don’t count.',
    both: 'The new key is in use. The old one was used in the last 24 hours, too: wait for a day without use before you retire it.',
    unusedDay: 'The old key has not been used in the last 24 hours.',
    unusedWeek: 'The old key has not been used in the last 7 days.',
    usedWithinWeek: 'It was used in the last 7 days, so a weekly job may still need it.',
    retire: 'Retire old key',
    later: 'Later',
    laterHint: 'You can close this and continue from the list.',
    when: 'When should the old key stop working?',
    options: { now: 'Now', hour: 'In 1 hour', day: 'In 24 hours', week: 'In 7 days' },
    nowHint: 'Anything still using it gets 401 immediately.',
    laterEnd: 'It keeps working until then.',
    whenMissing: 'Choose when the old key should stop working.',
    stillUsed: (usage: string) =>
      `In the last 24 hours, the old key made ${usage}. Anything still using it gets 401 immediately.`,
    submitNone: 'Retire old key',
    submitNow: 'Revoke old key',
    submitLater: 'Schedule expiry',
    willExpire: (when: string, propagation: string) => `It expires ${when}. ${propagation}`,
    expires: 'Expires',
  },

  usage: {
    none: 'No requests',
    requests: (count: number, from: string) =>
      `${count === 1 ? '1 request' : `${countOf(count)} requests`} from ${from}`,
    addresses: (count: number | null) => (count === null ? 'many addresses' : `${countOf(count)} addresses`),
    chart: 'Requests per hour in the last 7 days. The numbers are in the table below.',
    hour: (at: string, requests: number, refused: number) =>
      `${at}: ${countOf(requests)} requests, ${countOf(refused)} of them refused`,
    accepted: 'Accepted',
    most: (count: number) => `At most ${countOf(count)} an hour`,
    table: { show: 'Show as a table', hour: 'Hour', requests: 'Requests', refused: 'Refused' },
    lastDay: 'Last 24 hours',
    lastWeek: 'Last 7 days',
    lastRequest: 'Last request',
    failed: 'Couldn’t count the requests of this key',
  },

  leaked: {
    heading: 'Report a leak',
    text: 'This will:',
    steps: [
      'revoke the key: anyone using it, including an attacker, gets 401',
      'create a replacement with the same name and capabilities',
      'show what the key was used for, so you can check for misuse',
    ],
    warning: 'Your own programs stop working until you give them the new key.',
    submit: 'Revoke and replace',
    creating: 'Creating the replacement…',
    activity: 'Activity of the leaked key',
  },

  activity: {
    heading: 'Recent activity',
    text: 'Requests made with this key, hour by hour, by route, response and address.',
    failed: 'Couldn’t load the activity',
    none: 'No recent requests.',
    test: 'Test from the dashboard',
    delay: 'Requests show within 30 seconds. Look for routes and addresses you don’t recognize.',
    requests: (count: number, address: string | null) =>
      `${count === 1 ? '1 request' : `${countOf(count)} requests`} from ${address ?? 'many addresses'}`,
  },
};

function days(count: number): string {
  return count === 1 ? '1 day' : `${count} days`;
}
