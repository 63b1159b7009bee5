import type { MeasuredCase } from '../measures/closed-loop.js';
import { median } from '../statistics.js';
import type { Results } from './results.js';

/** A target, the result, and whether it is met. */
export interface Verdict {
  readonly title: string;
  readonly target: string;
  /** Undefined if it was not measured. */
  readonly measured: string | undefined;
  readonly isMet: boolean;
  /** The same ratio, by processor time instead of by requests a second. */
  readonly byCpu?: string;
}

const RATIOS: readonly { title: string; of: string; to: readonly string[]; atLeast: number }[] = [
  { title: 'ours / no guard', of: 'b', to: ['a'], atLeast: 0.85 },
  { title: 'ours with a rate limit / no guard', of: 'c', to: ['a'], atLeast: 0.65 },
  { title: 'proxy behind ours / proxy', of: 'd', to: ['d0'], atLeast: 0.95 },
  { title: 'forged keys / ours', of: 'e', to: ['b'], atLeast: 0.9 },
  { title: 'ours / better-auth at its best', of: 'b', to: ['j1', 'j2', 'j3', 'j4'], atLeast: 12 },
  { title: 'ours / better-auth with a rate limit, at its best', of: 'b', to: ['j2', 'j4'], atLeast: 30 },
  { title: 'ours / textbook', of: 'b', to: ['k'], atLeast: 2000 },
  { title: 'ours, cold / one database read', of: 'h', to: ['l'], atLeast: 1 },
];

export function verdictsOf(results: Results): Verdict[] {
  const ratios = RATIOS.map(({ title, of, to, atLeast }) => {
    const ratio = ratioOf(results.cases, of, to, ({ requestsPerSecond }) => requestsPerSecond);
    const byCpu = ratioOf(results.cases, of, to, ({ cpuMicroseconds }) => 1 / cpuMicroseconds);
    return {
      ...judged(title, `≥ ${atLeast.toLocaleString('en')}`, ratio, (value) => value >= atLeast, inFigures),
      ...(byCpu !== undefined && to.length === 1 && { byCpu: inFigures(byCpu) }),
    };
  });
  const { messages, headers, rows, restart, revokes, bytesPerCachedKey, openLoop, page } = results;
  const cold = openLoop.find(({ name, rate }) => name === 'h' && rate === 1000)?.p50Ms;
  const beyondIdle = messages && messages.toRedis - 2 * messages.toRedisWhenIdle;
  return [
    ...ratios,
    judged('forged keys: bytes to keys', '0', messages?.toKeys, (value) => value === 0, String),
    judged(
      'forged keys: bytes to Redis, beyond twice those of an idle gateway',
      '0',
      beyondIdle && Math.max(0, beyondIdle),
      (value) => value === 0,
      String,
    ),
    judged(
      'the slowest of many random headers, until it is answered',
      '< 1 ms',
      headers?.slowestMs,
      (value) => value < 1,
      inMilliseconds,
    ),
    judged('ours, cold: p50 at 1,000 per second', '< 1 ms', cold, (value) => value < 1, inMilliseconds),
    ...results.floods
      .slice(1)
      .map(({ title, toQuiet }) =>
        judged(`honest callers' p99 / quiet: ${title}`, '≤ 2', toQuiet, (value) => value <= 2, inFigures),
      ),
    judged(
      `verifying among ${inMillions(rows?.rows[1])} rows / among 10,000`,
      '≤ 1.15',
      rows?.cost,
      (value) => value <= 1.15,
      inFigures,
    ),
    judged(
      'the dashboard’s page, until it is interactive',
      '< 1,000 ms',
      page?.medianMs,
      (value) => value < 1000,
      inMilliseconds,
    ),
    judged(
      'a revoke’s p50 / that of version 0.1.0',
      '≤ 1',
      revokes && revokes.ofThis.p50 / revokes.ofTheOneBefore.p50,
      (value) => value <= 1,
      inFigures,
    ),
    judged('bcrypt runs after a restart', '0', restart?.bcryptRuns, (value) => value === 0, String),
    judged(
      'bytes per cached key',
      '≤ 1,024',
      bytesPerCachedKey,
      (value) => value <= 1024,
      (value) => Math.round(value).toLocaleString('en'),
    ),
  ];
}

function judged(
  title: string,
  target: string,
  value: number | undefined,
  isEnough: (value: number) => boolean,
  print: (value: number) => string,
): Verdict {
  if (value === undefined) return { title, target, measured: undefined, isMet: false };
  return { title, target, measured: print(value), isMet: isEnough(value) };
}

/** The median of the rounds' ratios: both sides of each were measured within minutes. Of several others, the best counts. */
function ratioOf(
  cases: readonly MeasuredCase[],
  of: string,
  to: readonly string[],
  read: (round: MeasuredCase['rounds'][number]) => number,
): number | undefined {
  const roundsOf = (name: string): number[] => cases.find((one) => one.name === name)?.rounds.map(read) ?? [];
  const ours = roundsOf(of);
  const others = to.map(roundsOf);
  if (ours.length === 0 || others.some((rounds) => rounds.length === 0)) return undefined;
  return median(ours.map((value, round) => value / Math.max(...others.map((rounds) => rounds[round] ?? 0))));
}

function inFigures(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 10 ? 1 : 2);
}

function inMilliseconds(value: number): string {
  return `${value.toFixed(2)} ms`;
}

function inMillions(rows = 10_000_000): string {
  return rows >= 1_000_000 ? `${rows / 1_000_000} million` : rows.toLocaleString('en');
}
