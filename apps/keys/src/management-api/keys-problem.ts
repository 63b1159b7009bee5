import { MANAGE_CODES } from '#libs/keys-contract';
import { declareProblems } from '#libs/problems';

/** What the management API says no with. */
export class KeysProblem extends declareProblems({
  codes: MANAGE_CODES,
  reasons: { bcrypt_queue_full: 'too many bcrypt runs are waiting to create a key now' },
}) {}
