import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../../..');

const URL_PASSWORD = String.raw`/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"]*):[^\s@"]+@/gi`;
const FIVE_FIELDS = String.raw`/^(?:\d{1,2}|[a-z]{3}|[*,/-])+(?: (?:\d{1,2}|[a-z]{3}|[*,/-])+){4}$/i`;

/** The expression as in a file, and the rule that it violates. */
const EXPRESSIONS: [what: string, expression: string, rule: string | undefined][] = [
  ['whose time grows with the square of the text', URL_PASSWORD, 'redos/no-vulnerable'],
  ['whose time doubles with each digit', FIVE_FIELDS, 'redos/no-vulnerable'],
  ['with a lookahead, which it cannot analyze', '/^(?=.{1,20}$)[a-z]+$/', 'redos/no-vulnerable'],
  ['that it cannot analyze', `new RegExp('(a+)+' + '$')`, 'no-restricted-syntax'],
  ['that it cannot analyze, created by a call', `RegExp('(a+)' + '+$')`, 'no-restricted-syntax'],
  ['whose time grows linearly with the text', '/^[a-z]{1,20}$/', undefined],
];

/** The rules that lint finds violated by each of them, as if it were in a file of ours. */
function brokenRules(): (string | undefined)[] {
  const args = ['--format', 'json', '--stdin', '--stdin-filename', 'libs/service/src/log.ts'];
  const eslint = join(ROOT, 'node_modules/eslint/bin/eslint.js');
  const lines = EXPRESSIONS.map(([, expression], i) => `export const it${i} = ${expression};`);
  const { stdout, stderr } = spawnSync(process.execPath, [eslint, ...args], {
    cwd: ROOT,
    input: `${lines.join('\n')}\n`,
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  const [{ messages }]: [{ messages: { ruleId: string; line: number }[] }] = JSON.parse(stdout);
  return EXPRESSIONS.map((_, i) => messages.find(({ line }) => line === i + 1)?.ruleId);
}

describe('lint', () => {
  let broken: (string | undefined)[];
  beforeAll(() => {
    broken = brokenRules();
  });

  it.each(EXPRESSIONS.map(([what, , rule], i) => [what, rule, i] as const))(
    'analyzes a regular expression %s',
    (_, rule, i) => {
      expect(broken[i]).toBe(rule);
    },
  );
});
