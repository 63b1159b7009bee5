import { describe, expect, it } from '@jest/globals';
import { declareProblems } from './declare-problems.js';

class TeapotProblem extends declareProblems({
  codes: { teapot: { status: 418, title: 'This is a teapot' } },
  reasons: { short_and_stout: 'it has a handle and a spout' },
}) {}

describe('a declared problem', () => {
  it('has the status and title of its code', () => {
    expect(new TeapotProblem('teapot', 'Ask for tea.').problem).toEqual({
      type: 'urn:le-bureau:problem:teapot',
      title: 'This is a teapot',
      status: 418,
      detail: 'Ask for tea.',
      code: 'teapot',
      error: { message: 'Ask for tea.', code: 'teapot', type: 'urn:le-bureau:problem:teapot' },
    });
    expect(new TeapotProblem('not_found', 'There is no coffee.').problem.status).toBe(404);
  });

  it('is logged and counted by its reason, or by its code', () => {
    const reason = 'short_and_stout';
    expect(new TeapotProblem('teapot', '', { reason })).toMatchObject({ reason, countedReason: reason });
    const code = 'teapot';
    expect(new TeapotProblem(code, '')).toMatchObject({ reason: code, countedReason: code });
  });

  it('counts what another program says as `other`, unless it is declared', () => {
    const counted = (foreignReason: string): string =>
      new TeapotProblem('teapot', '', { foreignReason }).countedReason;
    expect(counted('boiling')).toBe('other');
    expect(counted('constructor')).toBe('other');
    expect(counted('short_and_stout')).toBe('short_and_stout');
    expect(new TeapotProblem('teapot', '', { foreignReason: 'boiling' }).reason).toBe('boiling');
  });

  it('does not compile with another code or reason', () => {
    // @ts-expect-error -- nobody has declared this reason
    expect(new TeapotProblem('teapot', '', { reason: 'boiling' }).countedReason).toBe('other');
    // @ts-expect-error -- nobody has declared this code
    expect(() => new TeapotProblem('coffee', '')).toThrow(TypeError);
  });
});
