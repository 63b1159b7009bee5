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
    'is read whatever the case: %s',
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
  ])('is none of ours: %s', (_, header, outcome) => {
    expect(read(header).outcome).toBe(outcome);
  });

  it('is refused when there are two, of which Node shows only one', () => {
    const rawHeaders = ['Host', 'x', 'Authorization', 'Bearer a', 'AUTHORIZATION', 'Bearer b'];
    expect(read('Bearer a', '/', rawHeaders).outcome).toBe('malformed');
    const fastify: CredentialCarrier = {
      url: '/',
      headers: { authorization: 'Bearer a' },
      raw: { rawHeaders },
    };
    expect(readCredentials(fastify, 'sk_live').outcome).toBe('malformed');
  });

  it.each([
    '/v1/me?access_token=x',
    '/v1/me?a=b&API_KEY=x',
    '/v1/me?anything=sk_live_abc',
    '/v1/me?k=sk%5Flive%5Fabc',
    '/v1/me?access%5Ftoken=x',
  ])('is refused in the address: %s', (url) => {
    expect(read('Bearer a', url).outcome).toBe('malformed');
    expect(read(undefined, url).outcome).toBe('malformed');
  });

  it('never throws, whatever is sent', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (header, url) => void read(header, `/${url}`)));
  });
});
