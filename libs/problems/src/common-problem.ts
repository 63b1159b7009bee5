import { declareProblems } from './declare-problems.js';

/** A problem that any service may answer with, for a reason that its code tells. */
export class CommonProblem extends declareProblems({ codes: {}, reasons: {} }) {}
