import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { EventOutbox } from '../audit/event-outbox.js';
import { requestOrigin } from '../audit/request-origin.js';
import { DashboardProblem } from '../dashboard-problem.js';
import { AccountAttempts } from './account-attempts.js';
import { SIGN_IN_OPTIONS, type SignInOptions } from './sign-in-options.js';

/** Decides whether a password may be tried for an address, before it is checked. */
@Injectable()
export class PasswordGate {
  constructor(
    @Inject(SIGN_IN_OPTIONS) private readonly signInOptions: SignInOptions,
    private readonly attempts: AccountAttempts,
    private readonly outbox: EventOutbox,
  ) {}

  /** Throws for an address that may not sign in, and after too many attempts on this account, which are recorded. */
  async admit(email: string, req: FastifyRequest): Promise<void> {
    this.requireAllowed(email);
    // If passwords are disabled, better-auth refuses.
    if (!this.signInOptions.password) return;
    try {
      await this.attempts.count(email);
    } catch (err) {
      if (isProblem(err, 'rate_limited')) await this.outbox.limited('account', email, requestOrigin(req));
      throw err;
    }
  }

  /** Records that better-auth has refused an attempt, if it was because of the password or of too many attempts. */
  async recordRefusal(err: unknown, email: string, req: FastifyRequest): Promise<void> {
    if (isProblem(err, 'sign_in_refused')) await this.outbox.refused(email, requestOrigin(req));
    if (isProblem(err, 'rate_limited')) await this.outbox.limited('address', email, requestOrigin(req));
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

function isProblem(err: unknown, code: 'sign_in_refused' | 'rate_limited'): boolean {
  return err instanceof DashboardProblem && err.code === code;
}
