import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const PROGRAM = join(import.meta.dirname, '../servers/ticks.js');

/** How long a `process.nextTick` takes in a process that has been idle, in nanoseconds: see `libs/event-loop`. */
export interface TicksMeasure {
  readonly asNodeHasIt: number;
  readonly withOneKept: number;
}

export function measureTicks(): TicksMeasure {
  const measure = (...words: string[]): number =>
    Number(execFileSync(process.execPath, [PROGRAM, ...words], { encoding: 'utf8' }));
  return { asNodeHasIt: measure(), withOneKept: measure('kept') };
}
