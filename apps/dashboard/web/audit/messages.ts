import { countOf, exactTime } from '../time/format.js';

const ACTIONS: Readonly<Record<string, string>> = {
  'owner.created': 'Account created',
  'owner.changed': 'Account changed',
  'owner.suspended': 'Account suspended',
  'owner.resumed': 'Account resumed',
  'key.issued': 'Key created',
  'key.expiry_set': 'Expiry set',
  'key.exposed': 'Key found by others',
  'key.paused': 'Key paused',
  'key.resumed': 'Key resumed',
  'key.revoked': 'Key revoked',
  'key.expiring': 'Key about to expire',
  'key.expired': 'Key expired',
  'key.unused': 'Key unused for long',
  'person.signed_in': 'Signed in',
  'person.signed_out': 'Signed out',
  'person.sign_in_failed': 'Failed to sign in',
};

export const auditMessages = {
  heading: 'Audit log',
  sub: 'What happened to your account and your keys, newest first.',
  failed: 'Can’t load the audit log',
  none: 'Nothing has happened yet.',
  showMore: 'Show more',
  /** The action itself if this version does not know it. */
  action: (action: string) => ACTIONS[action] ?? action,
  you: 'You',
  automatic: 'Automatic',
  someoneElse: 'Someone else',
  method: (name: string) => (name === 'password' ? 'with a password' : `with ${name}`),
  attempts: (attempts: number, limited: number) => {
    const all = attempts === 1 ? '1 attempt' : `${countOf(attempts)} attempts`;
    if (limited === 0) return all;
    return `${all}, ${countOf(limited)} of them blocked`;
  },
  foundAt: (url: string) => `Found at ${url}`,
  reason: (reason: string) => `Reason: ${reason}`,
  expires: (at: string) => `Expires ${exactTime(at)}`,
};
