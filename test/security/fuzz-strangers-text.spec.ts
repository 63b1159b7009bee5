import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { startProgram } from '#libs/testing';
import { DTOS } from './fuzz/dto.js';

const line = z.object({
  name: z.string(),
  times: z.number(),
  worstMs: z.number(),
  failure: z.string().optional(),
});

/** When it counts as stuck, as with an expression whose time doubles with each character, in milliseconds. */
const STUCK_MS = 240_000;

/*
 * Texts whose length strangers choose may delay others no longer than a few requests would, wherever they are read: see
 * fuzz/readers.ts.
 */
describe('text from strangers', () => {
  it('is read fast, in a hundred thousand random cases', async () => {
    const program = startProgram('test/security/fuzz/main.js', {});
    const stuck = setTimeout(() => program.signal('SIGKILL'), STUCK_MS);
    const ended = await program.exited;
    clearTimeout(stuck);
    const lines = program.stdout.trim().split('\n');
    expect([ended, ended === 0 || lines.at(-1)]).toEqual([0, true]);
    const readers = lines
      .filter((text) => !text.includes('"begins"'))
      .map((text) => line.parse(JSON.parse(text)));
    const failed = readers.filter(({ failure }) => failure !== undefined);
    expect(failed.map(({ name, failure }) => `${name}: ${failure}`)).toEqual([]);
    expect(readers.reduce((all, { times }) => all + times, 0)).toBe(100_000);
  });

  it('is tested with every class that a body, a query or a path becomes', () => {
    expect(DTOS.length).toBeGreaterThan(30);
    for (const { dto, fields } of DTOS) expect([dto.name, fields]).not.toEqual([dto.name, []]);
  });
});
