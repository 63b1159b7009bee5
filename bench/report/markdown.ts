import type { MeasuredCase } from '../measures/closed-loop.js';
import { LONG_MS, TRIES } from '../measures/headers.js';
import { median } from '../statistics.js';
import type { Results } from './results.js';
import { verdictsOf } from './targets.js';

/** The results as a page of the documentation. */
export function markdownOf(results: Results): string {
  const { machine, seconds, warmupSeconds, rounds } = results;
  return [
    '# Benchmarks',
    'Written by `npm run bench -- --write`, in one run. How it measures, and how to repeat it: [bench](../bench/README.md). All figures are in [benchmarks.json](benchmarks.json).',
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.kernel}, Node ${machine.node}; commit ${machine.commit}, ${machine.date}. The measured server has one core to itself. The load, and what the server depends on (PostgreSQL, Redis, keys, an upstream), share the other. ${machine.isAwake ? 'Idle cores wait awake (halt polling), so that no server pays for waking the load. ' : '**Idle cores halt: each answer pays for waking the load; compare processor times with care.** '}${machine.isEven ? 'Processes share a core equally (no autogroups). ' : ''}${rounds} rounds of all cases alternately, each a new process, ${seconds} seconds after ${warmupSeconds} seconds of warm-up; medians. Compare figures only within one machine. Processor time per request is affected least by other work of the machine.`,
    ...busyOf(results),
    ...failedOf(results),
    '![requests per second, by case](benchmarks.svg)',
    '## Targets',
    table(
      ['', 'target', 'measured', 'by processor time', ''],
      verdictsOf(results).map(({ title, target, measured, isMet, byCpu = '' }) => [
        title,
        target,
        measured ?? 'not measured',
        byCpu,
        measured === undefined ? '' : isMet ? 'pass' : '**miss**',
      ]),
    ),
    '## As fast as it goes',
    'wrk sends the next request of a connection once the last was answered. `its core` is how much of its core the server used: if it is far from 100 %, the server waited for the load, for what it depends on, or for others on this machine. `load idle` is the idle share of the other core.',
    table(
      [
        'case',
        '',
        'requests per second',
        'from',
        'to',
        'CPU µs each',
        'p50 ms',
        'p99 ms',
        'refused',
        'its core',
        'load idle',
      ],
      results.cases.map(rowOf),
    ),
    ...profileOf(results),
    ...openLoopOf(results),
    ...floodsOf(results),
    ...othersOf(results),
  ].join('\n\n');
}

/** The ceiling never waits: if it did not use its whole core, something else did. */
function busyOf({ cases }: Results): string[] {
  const ceiling = cases.find(({ name }) => name === 'a');
  if (ceiling === undefined) return [];
  const share = median(ceiling.rounds.map(({ coreShare, loadIdle }) => (loadIdle > 0.2 ? 1 : coreShare)));
  if (share > 0.9) return [];
  return ['**The machine was busy with something else** in this run; repeat it on a quiet one.'];
}

function failedOf({ failed }: Results): string[] {
  return failed.length === 0 ? [] : [`**Failed, and so not measured:** ${failed.join(', ')}.`];
}

function rowOf({ name, title, rounds }: MeasuredCase): string[] {
  const of = (read: (round: MeasuredCase['rounds'][number]) => number): number => median(rounds.map(read));
  const rates = rounds.map(({ requestsPerSecond }) => requestsPerSecond);
  return [
    name,
    title,
    inThousands(of(({ requestsPerSecond }) => requestsPerSecond)),
    inThousands(Math.min(...rates)),
    inThousands(Math.max(...rates)),
    of(({ cpuMicroseconds }) => cpuMicroseconds).toFixed(1),
    of(({ p50Ms }) => p50Ms).toFixed(2),
    of(({ p99Ms }) => p99Ms).toFixed(2),
    inPercent(of(({ notOkShare }) => notOkShare)),
    inPercent(of(({ coreShare }) => coreShare)),
    inPercent(of(({ loadIdle }) => loadIdle)),
  ];
}

function profileOf({ profile }: Results): string[] {
  if (profile === undefined) return [];
  const { cases } = profile;
  const parts = Object.keys(cases[0]?.microseconds ?? {});
  const times = (part: string): number[] => cases.map(({ microseconds }) => microseconds[part] ?? 0);
  const growth = (part: string): number => (times(part).at(-1) ?? 0) - (times(part)[0] ?? 0);
  return [
    '## Where the time goes',
    'Microseconds of processor time per request, by a sampling profiler, which adds some; medians of as many processes as there are rounds.',
    table(
      ['', ...cases.map(({ name }) => name)],
      parts
        .sort((one, other) => growth(other) - growth(one))
        .map((part) => [part, ...times(part).map((time) => time.toFixed(1))]),
    ),
  ];
}

function openLoopOf({ openLoop }: Results): string[] {
  if (openLoop.length === 0) return [];
  return [
    '## At a fixed rate',
    'Requests are sent when they are due, whatever the results of earlier ones, and their time counts from then. `load late` is how late the load itself was: if it is large, the machine was busy, and the other figures say little.',
    table(
      ['case', '', 'rate', 'p50 ms', 'p99 ms', 'p99.9 ms', 'load late p99 ms'],
      openLoop.map(({ name, title, rate, p50Ms, p99Ms, p999Ms, lateP99Ms }) => [
        name,
        title,
        inThousands(rate),
        ...[p50Ms, p99Ms, p999Ms, lateP99Ms].map(latency),
      ]),
    ),
  ];
}

function floodsOf({ floods }: Results): string[] {
  if (floods.length === 0) return [];
  return [
    '## During floods',
    'Honest callers send 500 requests per second at a fixed rate, a tenth of them with keys that the gateway has not cached; at the same time there is a flood. `answered` is how many requests of the flood were answered per second. The percentiles are medians over all seconds of all rounds, since other work of the machine interrupts it for tenths of a second now and then; `slow` is the share of seconds whose p99 was more than twice that of the quiet time.',
    table(
      ['flood', 'answered', 'p50 ms', 'p99 ms', 'p99 / quiet', 'slow', 'load late p99 ms'],
      floods.map(({ title, floodPerSecond, p50Ms, p99Ms, toQuiet, slowSeconds, lateP99Ms }) => [
        title,
        inThousands(floodPerSecond),
        latency(p50Ms),
        latency(p99Ms),
        toQuiet.toFixed(2),
        inPercent(slowSeconds),
        latency(lateP99Ms),
      ]),
    ),
  ];
}

function othersOf({
  ticks,
  messages,
  headers,
  announcements,
  reports,
  rows,
  activity,
  restart,
  revokes,
  page,
}: Results): string[] {
  const sentences: string[] = [];
  if (ticks !== undefined)
    sentences.push(
      `A \`process.nextTick\`, in a process that has collected garbage while idle: ${Math.round(ticks.asNodeHasIt)} nanoseconds by default, ${Math.round(ticks.withOneKept)} with one tick kept, as in all cases here (\`libs/event-loop\`).`,
    );
  if (messages !== undefined)
    sentences.push(
      `While ${inThousands(messages.requests)} forged keys were refused, the gateway sent ${messages.toKeys} bytes to keys (and so nothing to the database), and ${messages.toRedis} bytes to Redis; in the same time without requests, ${messages.toRedisWhenIdle}.`,
    );
  if (reports !== undefined)
    sentences.push(
      `A report of ${inThousands(reports.texts)} forged keys to \`POST /credentials/revoke\` took ${reports.report.gatewayMs.toFixed(1)} ms of processor time at the gateway and ${reports.report.keysMs.toFixed(1)} at keys; ${inThousands(reports.texts)} requests without a key took ${reports.requests.gatewayMs.toFixed(1)} ms and ${reports.requests.keysMs.toFixed(1)}.`,
    );
  if (announcements !== undefined) {
    const { keys, usual, hour, all, unused } = announcements;
    const said = ({ statements, seconds }: typeof usual): string =>
      `${statements.toLocaleString('en')} statements and ${seconds.toFixed(2)} s`;
    sentences.push(
      `To look for keys whose time has come, among ${inThousands(keys)} that live for 90 days, took ${said(usual)} as most runs do; ${said(hour)} where ${hour.announced.toLocaleString('en')} announcements were due, with an audit event and an email or an entry of a digest each; ${said(all)} for all that expire within 30 days; and ${said(unused)} for unused ones among all.`,
    );
  }
  if (headers !== undefined)
    sentences.push(
      `Of ${inThousands(headers.headers)} Authorization headers of any length and bytes, sent one at a time, half were answered within ${latency(headers.medianMs)} ms, and the slowest, of ${headers.slowestLength.toLocaleString('en')} characters, in ${latency(headers.slowestMs)} ms (its best time: one that takes longer than ${LONG_MS} ms is sent up to ${TRIES} times, since other work of the machine interrupts it now and then).`,
    );
  if (rows !== undefined)
    sentences.push(
      `Verifying keys from all over the table at the keys service, without the gateway's cache: ${rows.requestsPerSecond.map((rate, i) => `${inThousands(rate)} per second with ${inThousands(rows.rows[i] ?? 0)} rows`).join(', ')}. On disk, a key of the larger table took ${Math.round(rows.bytesPerKey.table)} bytes, and its indexes ${Math.round(rows.bytesPerKey.indexes)}.`,
      `PostgreSQL then used ${inMegabytes(rows.memory.total)} MB of memory, including its \`shared_buffers\` of ${inMegabytes(rows.memory.sharedBuffers)} MB, and ${inMegabytes(rows.memory.perConnection)} MB for each of its ${rows.memory.connections} connections.`,
    );
  if (activity !== undefined)
    sentences.push(
      `Activity of keys: a row for each key, hour, route, status and address took ${Math.round(activity.bytesPerRow.written)} bytes on disk when it was written, and ${Math.round(activity.bytesPerRow.afterAnHour)} after an hour of reports, which bring it up to date every 20 seconds (${inThousands(activity.rows)} rows). One replica of keys updated ${inThousands(activity.rowsPerSecond)} rows per second.`,
    );
  if (page !== undefined)
    sentences.push(
      `The dashboard's sign-in page, in Chromium on the core of the load, with nothing cached: interactive after ${latency(page.medianMs)} ms, at most ${latency(page.slowestMs)} ms (${page.visits} visits).`,
    );
  if (restart !== undefined)
    sentences.push(
      `Keys and the gateway killed and restarted at the same time, under ${inThousands(restart.rate)} requests per second with 10,000 keys: ${restart.failed} requests failed, keys ran bcrypt ${restart.bcryptRuns} times, and ${restart.backAfterSeconds === null ? 'p99 was not back within the run' : `p99 was back after ${restart.backAfterSeconds} seconds`} (before: ${latency(restart.p99BeforeMs)} ms). These keys are hashed at cost 4: at 12, each run takes 200 times as long.`,
    );
  if (revokes !== undefined) {
    const { times, ofThis, ofTheOneBefore, difference } = revokes;
    const spread = ({ p50, p99 }: typeof ofThis): string => `p50 ${latency(p50)}, p99 ${latency(p99)} ms`;
    sentences.push(
      `A revoke with three gateways and nothing wrong, from its commit until all have confirmed, ${times} times in turn with version 0.1.0 on all cores: ${spread(ofThis)}; version 0.1.0: ${spread(ofTheOneBefore)}. Of each pair, this version was ${difference <= 0 ? `${latency(-difference)} ms faster` : `${latency(difference)} ms slower`} in the median.`,
    );
  }
  return sentences.length === 0
    ? []
    : ['## Other results', sentences.map((sentence) => `- ${sentence}`).join('\n')];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function inMegabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0);
}

function latency(ms: number): string {
  return ms === Infinity ? 'failed' : ms.toFixed(2);
}

function inThousands(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1);
}

function inPercent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.01 ? 2 : 0)} %`;
}
