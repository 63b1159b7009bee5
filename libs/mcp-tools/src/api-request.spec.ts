import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { apiRequest } from './api-request.js';
import { ToolFailure } from './tool-failure.js';
import { TOOLS, type Tool } from './tool.js';

const toolOf = (name: string): Tool => {
  const tool = TOOLS.find((each) => each.name === name);
  if (tool === undefined) throw new TypeError(`no tool ${name}`);
  return tool;
};

describe('the request of a tool', () => {
  it('has its arguments in path, query and body', () => {
    expect(apiRequest(toolOf('desktop_chat'), { desktopId: 'd-1', message: 'Hi' }, true)).toEqual({
      method: 'POST',
      path: '/v1/desktops/d-1/chat',
      body: { message: 'Hi', stream: true },
    });
    expect(apiRequest(toolOf('kb_search'), { q: 'a&b=c', limit: 5 }, true)).toEqual({
      method: 'GET',
      path: '/v1/kb/search?limit=5&q=a%26b%3Dc',
      body: undefined,
    });
    expect(apiRequest(toolOf('kb_note'), { path: 'a b/ü' }, false).path).toBe('/v1/kb/notes/a%20b/%C3%BC');
    expect(apiRequest(toolOf('desktops_start'), { desktopId: 'd' }, true).body).toEqual({});
  });

  it('never leads to another route, whatever a model writes', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('..', '.', '%2e%2E', 'x/../y', '?', '#', '\\..\\', ' ', '//', 'a/.%2e', '\ud800'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...TOOLS), text, (tool, value) => {
        const given = Object.fromEntries(tool.arguments.map(({ name }) => [name, value]));
        let path: string;
        try {
          ({ path } = apiRequest(tool, given, false));
        } catch (err) {
          expect(err).toBeInstanceOf(ToolFailure);
          return;
        }
        const { pathname } = new URL(path, 'http://localhost');
        expect(pathname).toBe(path.split('?', 1)[0]);
        const shape = tool.path.replace(/\{path\}/, '.+').replace(/\{\w+\}/, '[^/]+');
        expect(pathname).toMatch(new RegExp(`^${shape}$`));
      }),
      { numRuns: 2000 },
    );
  });
});
