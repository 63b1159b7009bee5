import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { MUTANTS } from './mutants.js';

/** For each mutant, the first schedule that breaks the promise. Found outside of jest, which is several times slower. */
function findAll(): Promise<string> {
  const args = [join(import.meta.dirname, 'main.js'), '--without', ''];
  return new Promise((resolve) => execFile(process.execPath, args, (_, stdout) => resolve(stdout)));
}

describe('the simulation finds the promise broken without', () => {
  let found: string;
  beforeAll(async () => void (found = await findAll()));

  it.each(MUTANTS)('$without (within $within schedules)', ({ without }) => {
    expect(found).toContain(`without ${without}\n  seed `);
  });
});
