import { HttpException } from '@nestjs/common';
import type { KeyGuardProblem } from '#libs/key-verifier';

/** A refusal of the guard, for exception filters. Under Nest's own, too, its body is the problem. */
export class KeyGuardException extends HttpException {
  constructor(readonly problem: KeyGuardProblem) {
    super(problem.problem, problem.problem.status, { cause: problem });
    // Nest's default is the name of the class, which is all that a GraphQL client would see.
    this.message = problem.message;
  }
}
