import { parseArgs } from 'node:util';
import { z } from 'zod';

const count = (name: string): z.ZodCoercedNumber => z.coerce.number({ error: `${name} takes a number` });

const options = z.object({
  /** The names of the cases and measures to run; if empty, all. */
  only: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((name) => name !== '')),
  seconds: count('--seconds').int().min(1).default(3),
  warmup: count('--warmup').int().min(0).default(4),
  rounds: count('--rounds').int().min(1).default(5),
  connections: count('--connections').int().min(1).default(64),
  /** The number of rows of the larger of the two tables for the measure `rows`. */
  rows: count('--rows').int().min(10_000).default(10_000_000),
  /** Whether the results replace those in `docs`. */
  write: z.boolean().default(false),
});

/** The options of `npm run bench`. */
export type BenchOptions = z.output<typeof options>;

/** Whether a case or measure should run. */
export function isWanted({ only }: BenchOptions, name: string): boolean {
  return only.length === 0 || only.includes(name);
}

export function readOptions(args: string[]): BenchOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: {
      only: text,
      seconds: text,
      warmup: text,
      rounds: text,
      connections: text,
      rows: text,
      write: { type: 'boolean' },
    },
  });
  return options.parse(values);
}
