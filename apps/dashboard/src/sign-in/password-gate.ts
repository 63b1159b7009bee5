import { Inject, Injectable } from '@nestjs/common';
import { DashboardProblem } from '../dashboard-problem.js';
import { AccountAttempts } from './account-attempts.js';
import { SIGN_IN_OPTIONS, type SignInOptions } from './sign-in-options.js';

/** Decides whether a password may be tried for an address, before it is checked. */
@Injectable()
export class PasswordGate {
  constructor(
    @Inject(SIGN_IN_OPTIONS) private readonly signInOptions: SignInOptions,
    private readonly attempts: AccountAttempts,
  ) {}

  /** Throws for an address that may not sign in, and after too many attempts on this account. */
  async admit(email: string): Promise<void> {
    this.requireAllowed(email);
    // If passwords are disabled, better-auth refuses.
    if (this.signInOptions.password) await this.attempts.count(email);
  }

  /** Throws `sign_in_not_allowed` unless the address may sign in. */
  requireAllowed(email: string): void {
    if (!this.signInOptions.allowed.allows(email)) {
      throw new DashboardProblem(
        'sign_in_not_allowed',
        "This email address isn't allowed to sign in here. Ask the administrator to add it.",
      );
    }
  }
}
