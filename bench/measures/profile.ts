import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { runFolder, uniqueName } from '#libs/testing';
import { CASES } from '../cases.js';
import { loadClosed } from '../load/closed-loop.js';
import type { BenchOptions } from '../options.js';
import { median } from '../statistics.js';
import type { World } from '../world.js';

/** The profiled cases: no guard, the guard, and the guard with its limiter. */
const PROFILED = ['a', 'b', 'c'];

const PROFILER = pathToFileURL(join(import.meta.dirname, '../servers/profiler.js')).href;

/** Where the processor time of a request goes, in microseconds, by case and part of the program. */
export interface ProfileMeasure {
  readonly cases: readonly {
    readonly name: string;
    readonly microseconds: Readonly<Record<string, number>>;
  }[];
}

/** The calls by which Node sends an answer: over the loopback interface, the kernel delivers it before they return. */
const SENDING = /^write(v|Latin1String|Utf8String|Buffer)$/;

/** Parts of the program, by the URL of the file that a function is in; the first match counts. */
const PARTS: readonly [pattern: RegExp, part: string][] = [
  [/\/dist\/bench\//, 'the application'],
  [/\/dist\/libs\//, 'ours'],
  [/\/node_modules\/lru-cache\//, 'lru-cache'],
  [
    /\/node_modules\/(ioredis|@ioredis|rate-limiter-flexible|denque|standard-as-callback)\//,
    'limiter and Redis client',
  ],
  [/\/node_modules\/(@nestjs|rxjs|reflect-metadata)\//, 'Nest'],
  [/\/node_modules\//, 'Fastify, and what it uses'],
  [/^node:internal\/crypto/, 'SHA-256, by Node'],
  [/^node:/, 'Node'],
];

const profile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string() }),
      children: z.array(z.number()).default([]),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

/** Samples each case in as many processes as there are rounds, alternately. */
export async function measureProfile(
  world: World,
  options: BenchOptions,
  say: (text: string) => void,
): Promise<ProfileMeasure> {
  const found = new Map<string, Readonly<Record<string, number>>[]>();
  for (let round = 1; round <= options.rounds; round++) {
    for (const one of CASES.filter(({ name }) => PROFILED.includes(name))) {
      const file = join(runFolder('profiles'), uniqueName('profile'));
      const running = await one.start(
        world.with({ NODE_OPTIONS: `--import=${PROFILER}`, PROFILE_FILE: file }),
      );
      const { url, process } = running;
      const load = { pid: process.pid, url, connections: options.connections, tokens: running.tokens() };
      await loadClosed({ ...load, seconds: options.warmup });
      process.signal('SIGHUP');
      const { cpuMicroseconds } = await loadClosed({ ...load, seconds: options.seconds });
      await running.stop();
      found.set(one.name, [...(found.get(one.name) ?? []), partsOf(file, cpuMicroseconds)]);
      say(`round ${round}, ${one.name} profiled: ${cpuMicroseconds.toFixed(1)} microseconds per request`);
    }
  }
  const parts = new Set([...found.values()].flat().flatMap((microseconds) => Object.keys(microseconds)));
  return {
    cases: [...found].map(([name, rounds]) => ({
      name,
      microseconds: Object.fromEntries(
        [...parts].map((part) => [part, median(rounds.map((round) => round[part] ?? 0))]),
      ),
    })),
  };
}

/** The time of a request, divided as the samples are. */
function partsOf(file: string, microseconds: number): Record<string, number> {
  const { nodes, samples, timeDeltas } = profile.parse(JSON.parse(readFileSync(file, 'utf8')));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const callers = new Map(nodes.flatMap(({ id, children }) => children.map((child) => [child, id] as const)));
  /** Native functions count for their caller. */
  const partAt = (id: number): string | undefined => {
    const { functionName = '', url = '' } = byId.get(id)?.callFrame ?? {};
    if (functionName === '(idle)') return undefined;
    if (functionName === '(garbage collector)') return 'garbage collection';
    const caller = callers.get(id);
    if (url === '' && SENDING.test(functionName)) return 'sending: the kernel';
    if (url === '') return caller === undefined || functionName === '(program)' ? 'Node' : partAt(caller);
    return PARTS.find(([pattern]) => pattern.test(url))?.[1] ?? 'Node';
  };
  const parts = new Map([...byId.keys()].map((id) => [id, partAt(id)]));
  const times: Record<string, number> = {};
  samples.forEach((id, i) => {
    const part = parts.get(id);
    if (part !== undefined) times[part] = (times[part] ?? 0) + (timeDeltas[i] ?? 0);
  });
  const all = Object.values(times).reduce((sum, time) => sum + time, 0);
  return Object.fromEntries(Object.entries(times).map(([part, time]) => [part, (time / all) * microseconds]));
}
