import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LE_BUREAU } from '#libs/catalogue';
import { OPERATIONS } from './api-document.js';
import { ROUTES_WITHOUT_TOOL, TOOL_DEFINITIONS } from './tool-definitions.js';
import { TOOLS, operationName } from './tool.js';
import { VERSION } from './version.js';

describe('the tools', () => {
  it('call every route of the API, but for those that have a reason', () => {
    const called = TOOL_DEFINITIONS.map(operationName);
    const reasons = Object.keys(ROUTES_WITHOUT_TOOL);
    expect([...called, ...reasons].sort()).toEqual([...OPERATIONS.keys()].sort());
  });

  it('need every capability of the catalogue, and no others', () => {
    expect([...new Set(TOOLS.map(({ capability }) => capability))].sort()).toEqual(
      [...LE_BUREAU.names].sort(),
    );
  });

  it('have names that all clients accept, each once', () => {
    const names = TOOLS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z_]{0,63}$/);
  });

  it.each(TOOLS.map((tool) => [tool.name, tool] as const))('%s is described as it is', (_, tool) => {
    const { method, path, hints, arguments: taken, inputSchema, outputSchema, description } = tool;
    expect(hints.readOnlyHint).toBe(method === 'GET');
    expect(hints.readOnlyHint && hints.destructiveHint).toBe(false);
    expect(description).toMatch(/^[A-Z].{10,300}\.$/);
    const { properties, required } = Object(inputSchema);
    expect(Object.keys(properties)).toEqual(taken.map(({ name }) => name));
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(required));
    for (const [, name] of path.matchAll(/\{(\w+)\}/g)) expect(required).toContain(name);
    if (outputSchema !== undefined) expect(outputSchema).toMatchObject({ type: 'object' });
    expect(JSON.stringify([inputSchema, outputSchema])).not.toMatch(/"(?:\$ref|example|pattern)":/);
  });

  it('have the version of the product', () => {
    const file = join(import.meta.dirname, '../../../../package.json');
    expect(VERSION).toBe(JSON.parse(readFileSync(file, 'utf8')).version);
  });
});
