import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';

const PAGE = join(import.meta.dirname, '../../../apps/dashboard/web');
const MANTINE = join(import.meta.dirname, '../../../../node_modules/@mantine/core/styles');

/** What the last build has written; files of earlier ones may lie beside it. */
const BUILT: string[] = JSON.parse(readFileSync(join(PAGE, '../../../.page-files.json'), 'utf8'));

/** The built files with this extension. */
function built(ending: string): string[] {
  return BUILT.filter((path) => path.endsWith(ending)).map((path) => join(PAGE, path));
}

/** Mantine's class names, each of which belongs to one component. */
function classesIn(paths: readonly string[]): Set<string> {
  return new Set(paths.flatMap((path) => readFileSync(path, 'utf8').match(/m_[0-9a-f]{8}/g) ?? []));
}

describe('the built page', () => {
  it('has less than 200 KB of compressed script, of which sign-in loads less than two thirds', () => {
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

  it('has no inline script, which the policy would forbid', () => {
    const html = readFileSync(join(PAGE, 'index.html'), 'utf8');
    const scripts = html.match(/<script[^>]*>[^<]*/g) ?? [];
    expect(scripts.length).toBeGreaterThan(0);
    for (const script of scripts) expect(script).toMatch(/ src="\/[^"]+"[^>]*>$/);
    expect(html).not.toMatch(/ on[a-z]+=/);
  });
});
