import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';

const PAGE = join(import.meta.dirname, '../../../apps/dashboard/web');
const MANTINE = join(import.meta.dirname, '../../../../node_modules/@mantine/core/styles');

/** The built files whose names end so. */
function built(ending: string): string[] {
  return readdirSync(PAGE, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => join(PAGE, path));
}

/** The names that Mantine has given to the classes of its styles: one says which component it is of. */
function classesIn(paths: readonly string[]): Set<string> {
  return new Set(paths.flatMap((path) => readFileSync(path, 'utf8').match(/m_[0-9a-f]{8}/g) ?? []));
}

describe('the page as it is sent', () => {
  it('has less than 200 KB of script, compressed, and sign-in less than two thirds of it', () => {
    const sizeOf = (paths: readonly string[]): number =>
      paths.reduce((sum, path) => sum + gzipSync(readFileSync(path)).length, 0);
    const html = readFileSync(join(PAGE, 'index.html'), 'utf8');
    const first = built('.js').filter((path) => html.includes(path.slice(PAGE.length)));
    expect(first.length).toBeGreaterThan(1);
    expect(sizeOf(built('.js'))).toBeLessThan(200_000);
    expect(sizeOf(first)).toBeLessThan(130_000);
  });

  it('has the styles of every component that it uses', () => {
    const [styled, used] = [classesIn(built('.css')), [...classesIn(built('.js'))]];
    for (const name of readdirSync(MANTINE).filter((name) => /^[A-Za-z]+\.css$/.test(name))) {
      const ofComponent = classesIn([join(MANTINE, name)]);
      const without = used.filter((name) => ofComponent.has(name) && !styled.has(name));
      expect({ name, without }).toEqual({ name, without: [] });
    }
  });

  it('has no script within the page, which the policy would forbid', () => {
    const html = readFileSync(join(PAGE, 'index.html'), 'utf8');
    const scripts = html.match(/<script[^>]*>[^<]*/g) ?? [];
    expect(scripts.length).toBeGreaterThan(0);
    for (const script of scripts) expect(script).toMatch(/ src="\/[^"]+"[^>]*>$/);
    expect(html).not.toMatch(/ on[a-z]+=/);
  });
});
