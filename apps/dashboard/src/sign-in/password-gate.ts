import { Inject, Injectable } from '@nestjs/common';
import { ProblemException } from '#libs/problems';
import { AccountAttempts } from './account-attempts.js';
import { WAYS_IN, type SignInOptions } from './sign-in-options.js';

/** Decides, before a password is looked at, whether one may be tried for an address. */
@Injectable()
export class PasswordGate {
  constructor(
    @Inject(WAYS_IN) private readonly waysIn: SignInOptions,
    private readonly attempts: AccountAttempts,
  ) {}

  /** Throws when a password may not be tried: see {@link requireAllowed}, or after too many attempts on this account. */
  async admit(email: string): Promise<void> {
    this.requireAllowed(email);
    // Where there are no passwords, better-auth says so.
    if (this.waysIn.password) await this.attempts.count(email);
  }

  /** Throws for an address that may not sign in here. */
  requireAllowed(email: string): void {
    if (!this.waysIn.allowed.allows(email)) {
      throw new ProblemException(
        'sign_in_not_allowed',
        'This email address is not allowed to sign in here. Ask the administrator to add it.',
      );
    }
  }
}
