import type { ExecutionContext } from '@nestjs/common';
import type { VerifierOptions } from '#libs/key-verifier';

export interface KeyGuardOptions extends VerifierOptions {
  /**
   * Reads the body of a request, for an application without a body parser before its guards. It is called once the key is
   * found valid and within its limits; when it has resolved, the key is checked again, since a body may take long. Undefined
   * if there is nothing to wait for; a rejection goes to the application's exception filters.
   */
  readonly readBody?: (context: ExecutionContext) => Promise<void> | undefined;
  /**
   * Throw a `KeyGuardException` (an `HttpException` of Nest) instead of answering, for exception filters of your own to
   * word. A flood of forged keys then costs more.
   */
  readonly throwsRefusals?: boolean;
}
