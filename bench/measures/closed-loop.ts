import type { Attempts } from '../attempts.js';
import { CASES, type RunningCase } from '../cases.js';
import { type ClosedLoopResult, loadClosed } from '../load/closed-loop.js';
import { type BenchOptions, isWanted } from '../options.js';
import type { World } from '../world.js';

/** A case, and the results of each round. */
export interface MeasuredCase {
  readonly name: string;
  readonly title: string;
  readonly connections: number;
  readonly rounds: readonly ClosedLoopResult[];
}

/**
 * Measures all cases in rounds: a round of each, then the next round of each, so that other load on the machine affects
 * all of them alike. Each round of a case is a new process: how well V8 compiles a program differs from start to start and
 * then stays the same, so one process for all rounds would show its luck in each. A case that fails once is left out.
 */
export async function measureClosedLoop(
  world: World,
  options: BenchOptions,
  attempts: Attempts,
  say: (text: string) => void,
): Promise<MeasuredCase[]> {
  let measured = CASES.filter(({ name }) => isWanted(options, name)).map((one) => ({
    ...one,
    connections: one.connections ?? options.connections,
    rounds: new Array<ClosedLoopResult>(),
  }));
  for (let round = 1; round <= options.rounds; round++) {
    for (const one of measured) {
      const { name, connections, rounds } = one;
      const result = await attempts.run(name, async () => {
        const running = await one.start(world);
        try {
          return await measureOnce(name, running, { ...options, connections });
        } finally {
          await running.stop();
        }
      });
      if (result === undefined) {
        measured = measured.filter((other) => other !== one);
        continue;
      }
      rounds.push(result);
      say(`round ${round}, ${name}: ${Math.round(result.requestsPerSecond)} requests per second`);
    }
  }
  return measured.map(({ name, title, connections, rounds }) => ({ name, title, connections, rounds }));
}

/** Warms a case up and measures it. */
export async function measureOnce(
  name: string,
  running: Omit<RunningCase, 'stop'>,
  { connections, warmup: least, seconds }: BenchOptions,
): Promise<ClosedLoopResult> {
  const { url, process, refused = false } = running;
  const warmup = Math.max(least, running.warmup ?? 0);
  const load = {
    post: running.post,
    pid: process.pid,
    url,
    connections,
  };
  if (warmup > 0) await loadClosed({ ...load, tokens: running.tokens(), seconds: warmup });
  const result = await loadClosed({ ...load, tokens: running.tokens(), seconds });
  // A case with unexpected responses measures something else. A few 503 on a busy machine are in the table.
  const strayShare = refused ? 1 - result.notOkShare : result.notOkShare;
  if (strayShare > 0.1)
    throw new Error(`${name}: ${(strayShare * 100).toFixed(1)} % of the responses are not what it measures`);
  return result;
}
