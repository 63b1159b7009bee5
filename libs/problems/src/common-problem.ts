import { declareProblems } from './declare-problems.js';

/** A problem that any service may respond with. Its code is the reason. */
export class CommonProblem extends declareProblems({ codes: {}, reasons: {} }) {}
