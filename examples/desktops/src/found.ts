import { ExampleProblem } from './example-problem.js';

/** Returns `thing`, or throws a 404, which does not reveal whether it belongs to another owner or does not exist. */
export function found<Thing>(thing: Thing | undefined, what: string): Thing {
  if (thing === undefined) throw new ExampleProblem('not_found', `You have no such ${what}.`);
  return thing;
}
