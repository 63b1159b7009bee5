import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { DASHBOARD_PROBLEM_CODES, PROBLEM_CODES } from '#libs/problems';
import { REFUSALS } from '#libs/keys-client';
import { REASONS } from '#libs/service';

const ROOT = join(import.meta.dirname, '../../..');

/** Reasons that no answer has: the log alone. */
const OF_NO_ANSWER = [
  'verify_credential_wrong',
  'verify_message_without_id',
  'verify_message_unreadable',
  'report_entries_ignored',
];

describe('the reasons of refusals', () => {
  it('are a closed list, which has every one that the code gives', () => {
    const { stdout } = spawnSync('git', ['ls-files', 'apps/*.ts', 'libs/*.ts'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    const sources = stdout
      .trim()
      .split('\n')
      .filter((path) => !path.endsWith('.spec.ts'))
      .map((path) => readFileSync(join(ROOT, path), 'utf8'));
    const given = sources.flatMap((source) =>
      [...source.matchAll(/\breason\b(?:: | = )'([a-z_]+)'/g)].map(([, reason = '']) => reason),
    );
    expect(given.length).toBeGreaterThan(10);
    expect([...given, ...REFUSALS].filter((one) => !REASONS.has(one) && !OF_NO_ANSWER.includes(one))).toEqual(
      [],
    );
  });

  it('are explained in docs/operations.md, but for the codes of answers', () => {
    const operations = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
    const codes = [...PROBLEM_CODES, ...DASHBOARD_PROBLEM_CODES];
    const unexplained = [...REASONS].filter(
      (reason) => !codes.includes(reason) && !operations.includes(`\`${reason}\``),
    );
    expect(unexplained).toEqual([]);
  });
});
