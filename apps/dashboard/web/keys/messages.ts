import { type KeyLifetimes, MAX_NAME_LENGTH } from '#libs/keys-contract';
import { duration } from '../time/format.js';

/** What the API keys tab says. What each capability unlocks is said by the catalogue. */
export const keyMessages = {
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
    columns: {
      name: 'Name',
      capabilities: 'Capabilities',
      created: 'Created',
      used: 'Last used',
      expires: 'Expires',
    },
    never: 'Never',
    revoked: 'Revoked',
    expired: 'Expired',
    withdrawn: 'No longer offered',
    onlyFrom: (addresses: readonly string[]) => `Only from ${addresses.join(', ')}`,
    copyPublic: (name: string) => `Copy the public part of ${name}`,
    replacedBy: (last4: string) => `Being replaced by …${last4}.`,
    continue: 'Continue',
  },

  menu: {
    label: (name: string) => `Actions for ${name}`,
    activity: 'Recent activity',
    connect: 'Connect…',
    rotate: 'Rotate…',
    pause: 'Pause…',
    resume: 'Resume…',
    revoke: 'Revoke…',
    leaked: 'Report a leak…',
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
    expiresNever: 'Works until you revoke it.',
    date: 'Expiry date',
    dateMissing: 'Choose today or later.',
    addresses: 'Allowed addresses (optional)',
    addressesHint:
      'IP addresses and networks such as 203.0.113.0/24, one per line. If you enter none, the key works from anywhere. Can’t be changed later.',
    submit: 'Create key',
    connectionLost: 'Connection lost while creating the key',
    connectionLostText: 'Everything you typed is still here. Try again: you won’t get a duplicate.',
    tokenLost: 'The key was created, but it never reached your browser',
    tokenLostText: (name: string) =>
      `“${name}” exists but can’t be shown again. Revoke it and create a new one with the same settings.`,
    revokeAndRetry: 'Revoke and create a new one',
    alreadyCreated: 'An earlier attempt already created a key',
    alreadyCreatedText:
      'It has the settings you chose then; find it in the list. Try again to create another.',
  },

  shown: {
    heading: (name: string) => `“${name}” is ready`,
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
    heading: (name: string) => `Revoke “${name}”`,
    text: 'Anything using this key gets 401 immediately. This can’t be undone.',
    neverUsed: 'It has never been used.',
    lastUsed: 'Last used',
    inUse: 'Something used it in the last 24 hours and probably still needs it.',
    type: (name: string) => `Type ${name} to confirm`,
    submit: 'Revoke key',
    done: (propagation: string) => `Revoked. ${propagation}`,
    waiting: 'Revoking… waiting for all gateways.',
    waitingLong:
      'A gateway isn’t responding. Waiting until it can no longer accept the key: 11 seconds at most.',
    connectionLostText: 'The key may already be revoked. Try again to be sure: revoking twice is harmless.',
  },

  pause: {
    heading: (name: string) => `Pause “${name}”`,
    text: 'Anything using this key gets 401 immediately, until you resume it.',
    submit: 'Pause key',
    done: (propagation: string) => `Paused. ${propagation}`,
    waiting: 'Pausing… waiting for all gateways.',
  },

  resume: {
    heading: (name: string) => `Resume “${name}”`,
    text: 'The key works again, with the same capabilities as before.',
    submit: 'Resume key',
    done: (propagation: string) => `Resumed. ${propagation}`,
    waiting: 'Resuming… waiting for all gateways.',
  },

  rotate: {
    heading: (name: string) => `Rotate “${name}”`,
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
    used: 'Last used',
    neverUsed: 'Not used yet',
    waitForNew: 'The new key hasn’t been used yet.',
    moved: 'The new key is in use, and the old one hasn’t been used since.',
    both: 'Both keys are in use: something still uses the old one.',
    retire: 'Retire old key',
    later: 'Later',
    laterHint: 'You can close this and continue from the list.',
    when: 'When should the old key stop working?',
    options: { now: 'Now', hour: 'In 1 hour', day: 'In 24 hours', week: 'In 7 days' },
    nowHint: 'Anything still using it gets 401 immediately.',
    laterEnd: 'It keeps working until then.',
    recentlyUsed: 'The old key was used in the last 5 minutes. Anything still using it gets 401 immediately.',
    submitNow: 'Revoke old key',
    submitLater: 'Schedule expiry',
    willExpire: (when: string, propagation: string) => `It expires ${when}. ${propagation}`,
    expires: 'Expires',
  },

  leaked: {
    heading: (name: string) => `Report a leak of “${name}”`,
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
    heading: (name: string) => `Activity of “${name}”`,
    text: 'Requests made with this key, hour by hour, by route, response and address.',
    failed: 'Couldn’t load the activity',
    none: 'No recent requests.',
    delay: 'Requests show within 30 seconds. Look for routes and addresses you don’t recognize.',
    requests: (count: number, address: string | null) =>
      `${count === 1 ? '1 request' : `${count} requests`} from ${address ?? 'many addresses'}`,
  },
};

function days(count: number): string {
  return count === 1 ? '1 day' : `${count} days`;
}
