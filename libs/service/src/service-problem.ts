import { declareProblems } from '#libs/problems';

/** What every service says no with before a request reaches its routes. */
export class ServiceProblem extends declareProblems({
  codes: {},
  reasons: { unreadable_request: 'no HTTP, or headers that are too large or came too late' },
}) {}
