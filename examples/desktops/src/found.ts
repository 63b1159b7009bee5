import { ExampleProblem } from './example-problem.js';

/** What was asked for; else a 404, which does not tell what belongs to somebody else from what there is not. */
export function found<Thing>(thing: Thing | undefined, what: string): Thing {
  if (thing === undefined) throw new ExampleProblem('not_found', `You have no such ${what}.`);
  return thing;
}
