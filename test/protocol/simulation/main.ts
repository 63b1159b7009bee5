import { parseArgs } from 'node:util';
import { MUTANTS } from './mutants.js';
import { type Outcome, simulate } from './simulation.js';

/*
 * npm run simulate -- --schedules 1000000         that many schedules, from seed 1 or --first
 * npm run simulate -- --seed 123                  replays one of them, step by step
 * npm run simulate -- --without R7                the protocol without a rule, until the promise is broken
 */
const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '20000' },
    first: { type: 'string', default: '1' },
    seed: { type: 'string' },
    without: { type: 'string' },
  },
});

/** How often a long run reports its progress, in schedules: about every two minutes. */
const PROGRESS_EVERY = 50_000;

if (values.without !== undefined) await findMutants(values.without);
else if (values.seed === undefined) await runMany(Number(values.first), Number(values.schedules));
else await replay(Number(values.seed));

async function runMany(first: number, schedules: number): Promise<void> {
  const began = performance.now();
  const ways = new Map<string, number>();
  let violations = 0;
  for (let seed = first; seed < first + schedules; seed++) {
    const outcome = await simulate(seed);
    for (const how of outcome.ways) ways.set(how, (ways.get(how) ?? 0) + 1);
    if (outcome.violation !== undefined) {
      violations++;
      if (violations <= 20) console.log(`seed ${seed}: ${outcome.violation} (${outcome.faults.join(', ')})`);
    }
    const done = seed - first + 1;
    if (done % PROGRESS_EVERY === 0) console.error(`${done} of ${schedules}, ${violations} violations`);
  }
  const seconds = (performance.now() - began) / 1000;
  console.log(`${schedules} schedules in ${seconds.toFixed(1)} s, ${violations} violations`);
  console.log(`revokes: ${[...ways].map(([how, count]) => `${count} ${how}`).join(', ')}`);
  if (violations > 0) process.exitCode = 1;
}

/** For each mutant whose name begins with `beginning`: a seed for which the promise is broken. */
async function findMutants(beginning: string): Promise<void> {
  for (const { without, first = 1, within, variant } of MUTANTS) {
    if (!without.startsWith(beginning)) continue;
    let found: Outcome | undefined;
    for (let seed = first; seed < first + within && found?.violation === undefined; seed++)
      found = await simulate(seed, { variant: variant() });
    const what =
      found?.violation === undefined
        ? `not found within ${within}`
        : `seed ${found.seed}: ${found.violation}`;
    console.log(`without ${without}\n  ${what}`);
    if (found?.violation === undefined) process.exitCode = 1;
  }
}

async function replay(seed: number): Promise<void> {
  const { violation, faults, trace } = await simulate(seed, { traced: true });
  for (const line of trace) console.log(line);
  console.log(`faults: ${faults.join(', ') || 'none'}`);
  console.log(violation ?? 'no violation');
  if (violation !== undefined) process.exitCode = 1;
}
