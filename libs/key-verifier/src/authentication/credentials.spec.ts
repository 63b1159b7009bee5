import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type CredentialCarrier, readCredentials } from './credentials.js';

function read(
  authorization: string | undefined,
  url = '/v1/me',
  rawHeaders: string[] = [],
): ReturnType<typeof readCredentials> {
  return readCredentials({ url, headers: { authorization }, rawHeaders }, 'sk_live');
}

describe('the credential of a request', () => {
  it.each(['Bearer sk_live_abc', 'bearer sk_live_abc', 'BEARER   sk_live_abc'])(
    'is read in any case: %s',
    (header) => {
      expect(read(header)).toEqual({ outcome: 'bearer', token: 'sk_live_abc' });
    },
  );

  it.each([
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Bearer a,b',
    'Bearer "a"',
    `Bearer ${'a'.repeat(513)}`,
    'Bearer\ta',
  ])('is malformed: %s', (header) => {
    expect(read(header).outcome).toBe('malformed');
  });

  it.each([
    ['nothing', undefined, 'none'],
    ['Basic', 'Basic YWRhOng=', 'other'],
    ['a bare key', 'sk_live_abc', 'other'],
  ])('is not a Bearer token: %s', (_, header, outcome) => {
    expect(read(header).outcome).toBe(outcome);
  });

  it('is refused if there are two, of which Node shows only one', () => {
    const rawHeaders = ['Host', 'x', 'Authorization', 'Bearer a', 'AUTHORIZATION', 'Bearer b'];
    expect(read('Bearer a', '/', rawHeaders).outcome).toBe('malformed');
    const fastify: CredentialCarrier = {
      url: '/',
      headers: { authorization: 'Bearer a' },
      raw: { rawHeaders },
    };
    expect(readCredentials(fastify, 'sk_live').outcome).toBe('malformed');
  });

  const key = `sk_live_${'0'.repeat(22)}_${'a'.repeat(46)}`;

  it.each([
    `/v1/me?anything=${key}`,
    `/v1/me?api_key=${key}`,
    `/v1/me?${key}`,
    `/v1/me?q=see+${key}.`,
    `/v1/me?k=${key.replaceAll('_', '%5F')}`,
    `/v1/me?k=${key}&broken=%ff%`,
  ])('is refused in the URL, with advice to revoke it: %s', (url) => {
    for (const header of ['Bearer a', undefined])
      expect(read(header, url)).toEqual({
        outcome: 'malformed',
        detail: expect.stringContaining('revoke this one'),
      });
  });

  it.each(['/v1/me?access_token=x', '/v1/me?a=b&API_KEY=x', '/v1/me?access%5Ftoken=x'])(
    'is refused in the URL: %s',
    (url) => {
      for (const header of ['Bearer a', undefined])
        expect(read(header, url)).toEqual({
          outcome: 'malformed',
          detail: 'Send the key in the Authorization header, never in the URL.',
        });
    },
  );

  it.each([
    '/v1/kb/search?q=sk_live_%20prefix',
    '/v1/kb/search?q=sk_live_',
    `/v1/kb/search?q=${key.slice(0, -1)}`,
    `/v1/kb/search?q=${key.replace('live', 'test')}`,
    '/v1/kb/search?q=a%26api_key%3Db',
    '/v1/kb/search?q=my_api_key=b',
    '/v1/sk_live_',
  ])('may be mentioned in a URL: %s', (url) => {
    expect(read('Bearer a', url)).toEqual({ outcome: 'bearer', token: 'a' });
  });

  it('never makes it throw, whatever it is', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (header, url) => void read(header, `/${url}`)));
  });
});
