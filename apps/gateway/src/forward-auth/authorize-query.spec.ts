import { describe, expect, it } from '@jest/globals';
import { AuthorizeQueries, type AuthorizeQuery } from './authorize-query.js';

const queries = new AuthorizeQueries(['reports', 'invoices']);

function read(text: string): AuthorizeQuery {
  const { query } = queries.read(`/authorize${text}`);
  if (typeof query === 'string') throw new Error(query);
  return query;
}

describe('the query of a proxy', () => {
  it('needs nothing: any valid key, for the first audience', () => {
    const query = read('');
    expect(query).toMatchObject({ audience: 'reports', hasProblemHeader: false, acceptedStatus: 204 });
    expect(query.routeFor('GET')).toEqual({
      name: 'GET /reports/*',
      hasManyNames: false,
      declaration: { opens: 'to any valid key' },
    });
  });

  it('names capabilities, audience, route and what the proxy needs', () => {
    const query = read(
      '?capability=a&capability=reports%3Aread&audience=invoices&route=/v1/:id&problem=header&status=200&uri=',
    );
    expect(query).toMatchObject({ audience: 'invoices', hasProblemHeader: true, acceptedStatus: 200 });
    expect(query.routeFor('DELETE')).toMatchObject({
      name: 'DELETE /v1/:id',
      declaration: { opens: 'to capabilities', required: ['a', 'reports:read'] },
    });
  });

  it('is parsed and declared once', () => {
    const declared: unknown[] = [];
    const others = new AuthorizeQueries(['reports'], (...given) => declared.push(given));
    for (const url of ['/authorize?capability=a', '/authorize?capability=a&uri=/b', '/authorize?capability='])
      for (let i = 0; i < 2; i++) expect(others.read(url).query).toBe(others.read(url).query);
    expect(declared).toEqual([['/authorize?capability=a', { opens: 'to capabilities', required: ['a'] }]]);
  });

  it.each(['BREW', 'get', 'M-SEARCH', '', 'x'.repeat(10_000), '__proto__'])(
    'gives unknown methods one name: %j',
    (method) => {
      expect(read('').routeFor(method).name).toBe('OTHER /reports/*');
    },
  );

  it.each([
    ['?capabilty=a', 'there is no parameter "capabilty"'],
    ['?__proto__=a', 'there is no parameter "__proto__"'],
    ['?%75ri=/', 'there is no parameter "uri"'],
    ['?capability=', 'capability must be a name'],
    ['?capability=a,b', 'capability must be a name'],
    [`?capability=${'a'.repeat(65)}`, 'capability must be a name'],
    [`?${'capability=reports:read&'.repeat(100)}`, 'the query is longer than 2000 characters'],
    ['?audience=desktops', 'audience must be one of FORWARD_AUTH_AUDIENCES'],
    ['?audience=', 'audience must be one of FORWARD_AUTH_AUDIENCES'],
    ['?audience=reports&audience=reports', 'audience is given twice'],
    ['?route=reports', 'route must be a pattern'],
    ['?route=/a%0Ab', 'route must be a pattern'],
    ['?problem=body', 'problem can only be "header"'],
    ['?status=201', 'status can only be 200'],
    ['?status=200', 'status=200 needs uri= at the end'],
  ])('is refused with a sentence: %s', (text, sentence) => {
    expect(queries.read(`/authorize${text}`).query).toContain(sentence);
  });
});

describe('a URI that is appended', () => {
  it.each([
    ['?uri=/reports', '/reports'],
    ['?uri=', ''],
    [
      '?capability=a&uri=/b?audience=invoices&capability=c&uri=/d',
      '/b?audience=invoices&capability=c&uri=/d',
    ],
  ])('is everything after uri=: %s', (text, uri) => {
    expect(queries.read(`/authorize${text}`)).toMatchObject({ uri, query: { audience: 'reports' } });
  });

  it('cannot change what is required, even if the proxy forgot uri=', () => {
    const forgetful = '?status=200&capability=a';
    for (const path of ['/', '*', '/&capability=b', '/?audience=invoices', '/&route=/b'])
      expect(typeof queries.read(`/authorize${forgetful}${path}`).query).toBe('string');
  });
});
