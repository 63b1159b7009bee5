import { CASES } from '../cases.js';
import { percentile } from '../load/open-loop.js';
import { runOpenLoop } from '../load/run-open-loop.js';
import { type BenchOptions, isWanted } from '../options.js';
import { median } from '../statistics.js';
import type { World } from '../world.js';

/** Which cases at which rates: one that all but the textbook can handle, and one that only the fast ones can. */
const RATES: readonly { readonly rate: number; readonly cases: readonly string[] }[] = [
  { rate: 1000, cases: ['a', 'b', 'h', 'j1', 'j3', 'l', 'm'] },
  { rate: 5000, cases: ['a', 'b', 'm'] },
];

/** Latency when requests arrive at a fixed rate, in milliseconds: medians of the rounds. */
export interface OpenLoopMeasure {
  readonly name: string;
  readonly title: string;
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** How late the generator itself was, which is part of the other figures. */
  readonly lateP99Ms: number;
}

export async function measureOpenLoop(
  world: World,
  options: BenchOptions,
  say: (text: string) => void,
): Promise<OpenLoopMeasure[]> {
  const { rounds, seconds } = options;
  const wanted = CASES.filter(
    ({ name }) => isWanted(options, name) && RATES.some(({ cases }) => cases.includes(name)),
  );
  const cases = await Promise.all(wanted.map(async (one) => ({ ...one, running: await one.start(world) })));
  const measured = RATES.flatMap(({ rate, cases: names }) =>
    cases
      .filter(({ name }) => names.includes(name))
      .map((one) => ({
        ...one,
        rate,
        runs: new Array<Readonly<Record<'p50' | 'p99' | 'p999' | 'late', number>>>(),
      })),
  );
  for (let round = 1; round <= rounds; round++) {
    for (const { name, rate, running, runs } of measured) {
      const load = { url: running.url, tokens: running.tokens(), rate };
      const arrivals = await runOpenLoop({ ...load, seconds, warmupSeconds: 2 });
      const [p50, p99, p999] = [
        percentile(arrivals, 0.5),
        percentile(arrivals, 0.99),
        percentile(arrivals, 0.999),
      ];
      const late = percentile(arrivals, 0.99, 'lateMs');
      runs.push({ p50, p99, p999, late });
      say(
        `round ${round}, ${name} at ${rate} per second: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`,
      );
    }
  }
  for (const { running } of cases) await running.stop();
  return measured.map(({ name, title, rate, runs }) => ({
    name,
    title,
    rate,
    p50Ms: median(runs.map(({ p50 }) => p50)),
    p99Ms: median(runs.map(({ p99 }) => p99)),
    p999Ms: median(runs.map(({ p999 }) => p999)),
    lateP99Ms: median(runs.map(({ late }) => late)),
  }));
}
