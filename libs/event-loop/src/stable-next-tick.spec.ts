import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';

/** Collects garbage while there are no ticks, and prints whether later ones have the shape of the one that is kept. */
const PROGRAM = `
  import { executionAsyncResource } from 'node:async_hooks';
  import { setImmediate as turn } from 'node:timers/promises';
  import { kept } from ${JSON.stringify(new URL('stable-next-tick.js', import.meta.url).href)};

  const tick = () => new Promise((resolve) => process.nextTick(() => resolve(executionAsyncResource())));
  for (let i = 0; i < 100; i++) {
    await turn();
    gc();
    gc();
    const later = await tick();
    for (const one of kept) console.log(%HaveSameMap(one, later));
  }
`;

describe('the shape of tick objects', () => {
  it('survives garbage collections', () => {
    const flags = ['--expose-gc', '--allow-natives-syntax', '--input-type=module', '--eval'];
    const said = execFileSync(process.execPath, [...flags, PROGRAM], { encoding: 'utf8' });
    expect(said).toBe('true\n'.repeat(100));
  });
});
