import type { Attempts } from '../attempts.js';
import { CASES, type Case, type RunningCase } from '../cases.js';
import { type ClosedLoopResult, loadClosed } from '../load/closed-loop.js';
import { type BenchOptions, isWanted } from '../options.js';
import type { World } from '../world.js';

/** A case that was started. */
export interface StartedCase extends Case {
  readonly running: RunningCase;
}

/** A case, and what each round has shown. */
export interface MeasuredCase {
  readonly name: string;
  readonly title: string;
  readonly connections: number;
  readonly rounds: readonly ClosedLoopResult[];
}

/** Starts the cases that are wanted. */
export async function startCases(world: World, options: BenchOptions): Promise<StartedCase[]> {
  const started: StartedCase[] = [];
  for (const one of CASES) {
    if (isWanted(options, one.name)) started.push({ ...one, running: await one.start(world) });
  }
  return started;
}

/**
 * Measures all cases by turns: a round of each, then the next round of each, so that what else the machine does meets
 * all of them alike. Every server runs from the beginning to the end; those that are not loaded do nothing. A case that
 * fails once is out.
 */
export async function measureClosedLoop(
  cases: readonly StartedCase[],
  options: BenchOptions,
  attempts: Attempts,
  say: (text: string) => void,
): Promise<MeasuredCase[]> {
  let measured = cases.map((one) => ({ ...one, rounds: new Array<ClosedLoopResult>() }));
  for (let round = 1; round <= options.rounds; round++) {
    for (const { name, running, rounds } of measured) {
      const result = await attempts.run(name, () => measureOnce(name, running, options));
      if (result === undefined) {
        measured = measured.filter((one) => one.name !== name);
        continue;
      }
      rounds.push(result);
      say(`round ${round}, ${name}: ${Math.round(result.requestsPerSecond)} requests a second`);
    }
  }
  return measured.map(({ name, title, running, rounds }) => ({
    name,
    title,
    connections: running.connections ?? options.connections,
    rounds,
  }));
}

/** Warms a case up and measures it. */
export async function measureOnce(
  name: string,
  running: RunningCase,
  { connections: usual, warmup: least, seconds }: BenchOptions,
): Promise<ClosedLoopResult> {
  const { url, process, connections = usual, refused = false } = running;
  const warmup = Math.max(least, running.warmup ?? 0);
  const load = { pid: process.pid, url, connections };
  if (warmup > 0) await loadClosed({ ...load, tokens: running.tokens(), seconds: warmup });
  const result = await loadClosed({ ...load, tokens: running.tokens(), seconds });
  // A case that answers otherwise than it should measures something else. A few 503 on a busy machine are in the table.
  const strayShare = refused ? 1 - result.notOkShare : result.notOkShare;
  if (strayShare > 0.1)
    throw new Error(`${name}: ${(strayShare * 100).toFixed(1)} % of the answers are not what it measures`);
  return result;
}
