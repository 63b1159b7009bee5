// For those who say no.
export {
  DASHBOARD_PROBLEM_CODES,
  type Problem,
  type ProblemCode,
  ProblemException,
  type ProblemOptions,
  PROBLEM_CODES,
  problemOf,
  retryAfter,
} from './problem.js';

// For services that answer over HTTP.
export { type RefusedRequest, type RefusedResponse, answerProblem } from './answer.js';
export { sentStatus } from './sent-status.js';
export { ProblemFilter } from './problem.filter.js';
export { StrictValidationPipe, validated } from './validated.js';
