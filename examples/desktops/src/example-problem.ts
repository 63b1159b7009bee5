import { declareProblems } from '#libs/problems';

/** What the example says no with. */
export class ExampleProblem extends declareProblems({
  codes: {},
  reasons: { desktop_not_ready: 'the desktop is stopped, or still starting' },
}) {}
