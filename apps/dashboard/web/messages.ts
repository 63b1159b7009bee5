import type { Capability } from '#libs/capabilities';
import type { Expiry } from '../src/contract.js';
import { duration } from './time/format.js';

const gateways = (count: number): string => (count === 1 ? '1 gateway' : `${count} gateways`);

/** Every word that people read, in one place. What a capability unlocks is said by the catalogue. */
export const words = {
  product: 'Le Bureau',
  title: { signIn: 'Sign in', apiKeys: 'API keys', profile: 'Profile' },
  loading: 'Loading',
  close: 'Close',
  cancel: 'Cancel',
  done: 'Done',
  back: 'Back',
  tryAgain: 'Try again',
  copy: 'Copy',
  copied: 'Copied',
  copyByHand: 'It is selected: press Ctrl+C or ⌘C',

  signIn: {
    heading: 'Sign in to Le Bureau',
    newHeading: 'Create your account',
    sub: 'Create and manage API keys for your scripts, CI jobs and MCP clients.',
    with: (name: string) => `Continue with ${name}`,
    or: 'or',
    email: 'Email',
    password: 'Password',
    newPassword: 'Password, at least 8 characters',
    submit: 'Sign in',
    create: 'Create account',
    toCreate: 'New here? Create an account',
    toSignIn: 'Already have an account? Sign in',
    trial:
      'Email and password are for trying this out on localhost, without a provider such as Google or GitHub.',
    noWay: 'Sign-in isn’t set up yet. If you run this server, see “Signing in” in apps/dashboard/README.md.',
    emailMissing: 'Enter your email address.',
    passwordMissing: 'Enter your password.',
    passwordShort: 'Choose at least 8 characters.',
    /** Signing up says nothing about who has an account: it shows at the sign-in that follows. */
    notSignedInAfterwards:
      'You can’t sign in with this email and password. If you already have an account, use its password.',
    returned: {
      access_denied: 'Sign-in was canceled.',
      account_not_linked: 'This email address belongs to an account that signs in another way. Use that one.',
      email_not_found:
        'The provider didn’t share your email address. Allow it there, or sign in another way.',
      email_not_verified:
        'Your provider hasn’t verified your email address. Verify it there, then sign in again.',
      not_allowed: 'Your email address is not allowed to sign in here. Ask the administrator to add it.',
      state_mismatch: 'That sign-in expired or started in another window. Try again.',
    },
    returnedOtherwise: 'Sign-in didn’t work. Try again, or sign in another way.',
    signedInClose: 'You are signed in. Close this tab and pick up where you left off.',
  },

  session: {
    ended: 'Your session has ended',
    endedText:
      'Sign in again in a new tab. What you have typed here stays, and you go on when you come back.',
    signInAgain: 'Sign in again',
    signedInAgain: 'I have signed in',
    notYet: 'You are not signed in yet.',
    failed: 'The dashboard does not answer',
  },

  menu: {
    account: 'Your account',
    signOut: 'Sign out',
    toDark: 'Use dark colours',
    toLight: 'Use light colours',
    settings: 'Settings',
  },

  profile: {
    heading: 'Profile',
    sub: 'As the API tells it to whoever calls with one of your keys.',
    email: 'Email',
    notVerified: (email: string) => `${email} (not verified)`,
    role: 'Role',
    tier: 'Tier',
    id: 'User id',
  },

  failure: {
    lost: 'The connection was lost',
    lostText: 'No answer came. Check your connection and try again.',
    refused: 'This did not work',
    limited: 'Too many attempts',
    limitedText: (seconds: number | undefined) =>
      seconds === undefined
        ? 'Wait a minute, then try again.'
        : `Try again in ${seconds === 1 ? 'a second' : `${Math.ceil(seconds)} seconds`}.`,
    keysAway: 'Keys cannot be reached right now',
    keysAwayText: 'Nothing is wrong with your keys. Try again in a moment.',
    signedOut: 'Your session has ended. Sign in again, then go on here.',
    unknown: 'Something went wrong on our side. Try again.',
    broken: 'Something broke on this page',
    reload: 'Load it anew',
  },

  keys: {
    heading: 'API keys',
    sub: 'A key lets a script, a CI job or an MCP client call the API for you. Make one for each.',
    create: 'Create key',
    empty: 'No keys yet',
    emptyText:
      'A key lets a script, a CI job or an MCP client call the API in your name, and do only what you have ticked. Make one for each, so that you can revoke one without touching the others.',
    emptyCreate: 'Create your first key',
    failed: 'Your keys could not be loaded',
    notOffered: 'No longer offered',
    more: 'Load more',
    search: 'Search by name or key',
    nothingFound: 'No key matches.',
    sortBy: 'Sort by',
    sort: { newest: 'Newest first', name: 'Name', used: 'Last used', expires: 'Expires first' },
    showDead: 'Show revoked and expired keys',
    sections: { active: 'Active', expired: 'Expired', revoked: 'Revoked' },
    none: 'none.',
    columns: {
      name: 'Name',
      capabilities: 'Capabilities',
      created: 'Created',
      used: 'Last used',
      ends: 'Expires',
    },
    never: 'Never',
    revoked: 'Revoked',
    expired: 'Expired',
    copyPublic: (name: string) => `Copy the public part of ${name}`,
    actions: (name: string) => `Actions for ${name}`,
    activity: 'Recent activity',
    rotate: 'Rotate',
    revoke: 'Revoke',
    leaked: 'It leaked',
    replacedBy: (last4: string) => `Being replaced by …${last4}.`,
    goOn: 'Go on',
  },

  groups: { desktop: 'Desktops', schedule: 'Scheduled jobs', kb: 'Knowledge base' },
  broad: 'Broad',
  broadWarning:
    'Whoever holds this key can do on your desktops whatever you can: run commands, type, and see the screen. Tick it only for what cannot do without.',

  create: {
    heading: 'Create an API key',
    name: 'Name',
    nameHint: 'Where it will be used, so that you know it again.',
    nameExamples: ['Production CI', 'Staging monitor', 'Local MCP client'],
    nameMissing: 'Give the key a name.',
    nameLong: 'A name has at most 100 characters.',
    capabilities: 'What it may do',
    capabilitiesHint: 'Fixed from then on: to change it, make another key.',
    capabilitiesMissing: 'Tick at least one: a key that may do nothing is of no use.',
    expires: 'Expires',
    expiry: {
      never: 'Never',
      days30: 'In 30 days',
      days90: 'In 90 days',
      days365: 'In a year',
      date: 'On a date',
    },
    expiresOn: (day: string) => `Works until ${day}.`,
    expiresNever: 'Works until you revoke it.',
    date: 'Last day',
    dateMissing: 'Choose a day: today at the earliest.',
    submit: 'Create key',
    lost: 'The connection was lost while the key was being made',
    lostText: 'What you have typed is still here. Try again: this cannot make a second key.',
    textLost: 'The key was made, but its text was lost on the way',
    textLostText: (name: string) =>
      `“${name}” exists, and nobody can show its text any more. Revoke it and make another, with the same settings.`,
    revokeAndRetry: 'Revoke it and make another',
    changed: 'An earlier attempt has already made a key',
    changedText: 'It has what you had typed then; find it in the list. To make another, press once more.',
  },

  shown: {
    heading: (name: string) => `“${name}” is ready`,
    once: 'Copy it now: it is shown this once. We keep no copy that could be read.',
    key: 'Your new key',
    copy: 'Copy key',
    download: 'Download .env',
    try: 'Try it in a terminal',
    copyCommand: 'Copy command',
    check: 'Check it now',
    works: (ms: number) => `It works. The API answered in ${duration(ms)}.`,
    worksNot: (status: number) => `The API answered ${status}. Wait a few seconds and check again.`,
    saved: 'I have saved it',
    ask: 'Have you saved the key?',
    askText: 'It cannot be shown again. If you have not, go back and copy it.',
    goBack: 'Go back to the key',
    leave: 'I have it: close',
  },

  revoke: {
    heading: (name: string) => `Revoke “${name}”`,
    text: 'Whatever uses this key gets 401 as soon as this is done. It cannot be undone.',
    neverUsed: 'It has never been used.',
    lastUsed: 'Last used',
    inUse: 'It was used within the last 24 hours: something still depends on it.',
    type: (name: string) => `Type ${name} to confirm`,
    submit: 'Revoke key',
    waiting: 'Revoking: waiting until every gateway has confirmed.',
    waitingLong:
      'A gateway does not answer. We wait until it cannot accept the key any more: 11 seconds at most.',
    lostText: 'The key may be revoked already. Try again to be sure: a second time does no harm.',
  },

  rotate: {
    heading: (name: string) => `Rotate “${name}”`,
    steps: ['Make a replacement', 'Switch over', 'Retire the old key'],
    step: (at: number) => `Step ${at} of 3`,
    makeText:
      'You get a second key with the same name and capabilities. The old one keeps working until you retire it, so nothing stops.',
    sameLife: (day: string) => `It works until ${day}: as long a life as the old one was given.`,
    make: 'Make the replacement',
    next: 'I have saved it: next',
    switchText:
      'Put the new key where the old one is. Here you see the traffic move; a use shows within a minute.',
    oldKey: 'Old key',
    newKey: 'New key',
    used: 'Last used',
    neverUsed: 'Not used yet',
    waitForNew: 'The new key has not been used yet.',
    moved: 'The new key is in use, and the old one has not been used since.',
    both: 'Both keys are in use: something still has the old one.',
    retire: 'Retire the old key',
    later: 'Later',
    laterHint: 'You can close this and go on from the list.',
    when: 'When does the old key end?',
    options: { now: 'Now', hour: 'In 1 hour', day: 'In 24 hours', week: 'In 7 days' },
    nowHint: 'Whatever still uses it gets 401 at once.',
    laterEnd: 'It works until then, and ends by itself.',
    recently: 'The old key was used in the last 5 minutes. Whatever still uses it will be turned away.',
    submitNow: 'Revoke the old key',
    submitLater: 'Let it expire',
    ends: 'Ends',
  },

  leaked: {
    heading: (name: string) => `“${name}” leaked`,
    text: 'In one go, we',
    steps: [
      'revoke it: whatever uses it, thieves included, gets 401',
      'make a replacement with the same name and capabilities',
      'show you what was done with it, so that you can look after it',
    ],
    warning: 'What still uses the old key stops until it has the new one.',
    submit: 'Revoke and replace now',
    making: 'Making its replacement',
    activity: 'What was done with the leaked key',
  },

  activity: {
    heading: (name: string) => `What “${name}” has done`,
    text: 'The requests that were made with it, by route, answer and address, for each hour.',
    failed: 'Its activity could not be loaded',
    none: 'Nothing was done with it in the days that we keep.',
    late: 'A request shows within half a minute. Look for routes and addresses that are not yours.',
    status: (status: number) => (status === 499 ? 'left before the answer' : `answered ${status}`),
    counted: (count: number, address: string | null) =>
      `${count === 1 ? 'Once' : `${count} times`} from ${address ?? 'many addresses'}, last`,
  },

  /** That nobody accepts the key any more, and how that is known. */
  revoked: (effect: Pick<Expiry, 'gateways' | 'waitedMs' | 'how'>) => `Revoked. ${confirmed(effect)}`,
  willExpire: (when: string, effect: Pick<Expiry, 'gateways' | 'waitedMs' | 'how'>) =>
    `It ends ${when}. ${confirmed(effect)}`,
};

/** `3 gateways confirmed in 4 ms.` */
function confirmed({
  gateways: count,
  waitedMs,
  how,
}: Pick<Expiry, 'gateways' | 'waitedMs' | 'how'>): string {
  const took = duration(waitedMs);
  switch (how) {
    case 'acknowledged':
      return count === 0
        ? 'No gateway is running that could accept it.'
        : `${gateways(count)} confirmed in ${took}.`;
    case 'lease':
      return `${count === 0 ? 'None' : gateways(count)} confirmed; any other has had to stop using it by now. That took ${took}.`;
    case 'cache-ttl':
      return `Not every gateway could be asked, so we waited ${took}, until none can remember it.`;
    default: // a way that a newer keys service has
      return `Confirmed in ${took}.`;
  }
}

/** `Desktops`: the group that a capability stands in. */
export function groupOf(capability: Capability): keyof typeof words.groups {
  if (capability.startsWith('desktop:')) return 'desktop';
  return capability.startsWith('schedule:') ? 'schedule' : 'kb';
}
