import { hash, timingSafeEqual } from 'node:crypto';

/** The accepted tokens of an interface. Comparing takes constant time: it compares digests, and all of them. */
export class ServiceToken {
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

/** The tokens of the management API, for injection. */
export class ManagementToken extends ServiceToken {}

/** The tokens of the verification RPC, for injection. */
export class VerificationToken extends ServiceToken {}

function digestOf(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
