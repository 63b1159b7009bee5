import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { MUTANTS } from './mutants.js';

/** Finds the first schedule that breaks the promise without a rule, outside of jest, which is faster. */
function find(without: string): Promise<string> {
  const args = [join(import.meta.dirname, 'main.js'), '--without', without];
  return new Promise((resolve) => execFile(process.execPath, args, (_, stdout) => resolve(stdout)));
}

describe('the simulation finds the promise broken without', () => {
  it.each(MUTANTS)(
    '$without (within $within schedules)',
    async ({ without }) => {
      expect(await find(without)).toMatch(/^ {2}seed \d+: /m);
    },
    300_000,
  );
});
