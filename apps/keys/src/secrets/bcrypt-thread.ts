import { setPriority } from 'node:os';
import bcrypt from 'bcrypt';

/*
 * A thread of its own that runs bcrypt, one run after the other (see SecretHasher), behind all others: a run takes 200
 * milliseconds, and on a busy core, requests would wait for their turn beside it. 10 leaves a run a tenth of a core
 * that has enough to do. Of Linux alone: there a priority is a thread's (setpriority(2), C library/kernel differences),
 * and elsewhere it is the whole process'.
 */
const NICE = 10;
if (process.platform === 'linux') setPriority(NICE);

export interface ToHash {
  readonly secret: string;
  /** bcrypt's cost: 2 to the power of it rounds. */
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
