import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Arrival, OpenLoop } from './open-loop.js';

const PROGRAM = join(import.meta.dirname, 'open-loop-program.js');

/** Runs the open loop in another process. If it spins, keys and its database, which share its core, have priority. */
export async function runOpenLoop(load: OpenLoop): Promise<Arrival[]> {
  const { stdout } = await promisify(execFile)(
    'nice',
    ['-n', load.isSparing === true ? '0' : '10', process.execPath, PROGRAM, JSON.stringify(load)],
    { maxBuffer: 256 * 1024 * 1024 },
  );
  const answered = z.array(z.tuple([z.number().nullable(), z.number()])).parse(JSON.parse(stdout));
  return answered.map(([latencyMs, lateMs], number) => ({
    dueMs: (number * 1000) / load.rate,
    lateMs,
    latencyMs: latencyMs ?? Infinity,
  }));
}
