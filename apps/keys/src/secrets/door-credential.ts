import { hash, timingSafeEqual } from 'node:crypto';

/** The credentials that open a door. Comparing takes the same time whatever is given: digests are compared, and all of them. */
export class DoorCredential {
  readonly #accepted: readonly Buffer[];

  constructor(accepted: readonly string[]) {
    this.#accepted = accepted.map(digestOf);
  }

  accepts(given: string): boolean {
    const digest = digestOf(given);
    let isAccepted = false;
    for (const accepted of this.#accepted) isAccepted = timingSafeEqual(accepted, digest) || isAccepted;
    return isAccepted;
  }
}

/** What opens the manage door, by injection. */
export class ManageCredential extends DoorCredential {}

/** What opens the verify door, by injection. */
export class VerifyCredential extends DoorCredential {}

function digestOf(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
