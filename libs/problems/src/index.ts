// For those who refuse requests.
export { type ProblemClass, type ProblemOptions, declareProblems } from './declare-problems.js';
export { CommonProblem } from './common-problem.js';
export { type Problem, ProblemException, retryAfter } from './problem.js';

// For services that answer over HTTP.
export { type RefusedRequest, type RefusedResponse, answerProblem } from './answer.js';
export { sentStatus } from './sent-status.js';

// For the documentation.
export { COMMON_CODES } from './common-codes.js';
export type { ProblemDeclaration } from './declare-problems.js';
export { problemSchema } from './problem-schema.js';
