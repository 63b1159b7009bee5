import { setPriority } from 'node:os';
import bcrypt from 'bcrypt';

/*
 * A thread that runs bcrypt, one run at a time (see SecretHasher), at a lower priority than all others: a run takes 200
 * milliseconds, and on a busy core, requests would wait for it. With 10, a run gets a tenth of a busy core. Linux only:
 * elsewhere, a priority applies to the whole process and not to a thread (setpriority(2), C library/kernel differences).
 */
const NICE = 10;
if (process.platform === 'linux') setPriority(NICE);

export interface ToHash {
  readonly secret: string;
  /** bcrypt's cost: the binary logarithm of its rounds. */
  readonly cost: number;
}

export interface ToCompare {
  readonly secret: string;
  readonly hash: string;
}

export function hash({ secret, cost }: ToHash): string {
  return bcrypt.hashSync(secret, cost);
}

export function compare({ secret, hash }: ToCompare): boolean {
  return bcrypt.compareSync(secret, hash);
}
