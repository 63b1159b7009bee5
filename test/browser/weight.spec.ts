import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';

const PAGE = join(import.meta.dirname, '../../apps/dashboard/web');

describe('the page as it is sent', () => {
  it('has less than 200 KB of script, compressed', () => {
    const scripts = readdirSync(PAGE, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.js'),
    );
    const sizes = scripts.map((path) => gzipSync(readFileSync(join(PAGE, path))).length);
    expect(scripts.length).toBeGreaterThan(1);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(200_000);
  });

  it('has no script within the page, which the policy would forbid', () => {
    const html = readFileSync(join(PAGE, 'index.html'), 'utf8');
    const scripts = html.match(/<script[^>]*>[^<]*/g) ?? [];
    expect(scripts.length).toBeGreaterThan(0);
    for (const script of scripts) expect(script).toMatch(/ src="\/[^"]+"[^>]*>$/);
    expect(html).not.toMatch(/ on[a-z]+=/);
  });
});
