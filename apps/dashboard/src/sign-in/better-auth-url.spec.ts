import { describe, expect, it } from '@jest/globals';
import { type Endpoint, betterAuthUrl } from './better-auth-url.js';

const ORIGIN = 'https://keys.example.com';

describe('the address of an endpoint of better-auth', () => {
  it.each<[Endpoint, string]>([
    [{ path: '/callback/google' }, ''],
    [{ path: '/callback/google', query: { code: 'a+b/c=', state: 'x y' } }, '?code=a%2Bb%2Fc%3D&state=x+y'],
    [{ path: '/x', query: { a: ['1', '2'] } }, '?a=1&a=2'],
    [{ path: '/x', query: { '%ff': '' } }, '?%25ff='],
  ])('has its query as it was parsed: %j', (endpoint, search) => {
    const url = betterAuthUrl(endpoint, ORIGIN);
    expect(url.origin + url.pathname).toBe(`${ORIGIN}/api/auth${endpoint.path}`);
    expect(url.search).toBe(search);
  });

  it.each([
    '/callback/../list-sessions',
    '/callback/..\\list-sessions',
    '/callback/%2e%2e/list-sessions',
    '/callback\\google',
    '/callback/goo\tgle',
    '/callback/google?x',
    '/callback/google#x',
  ] as const)('leads nowhere else: %j', (path) => {
    expect(() => betterAuthUrl({ path }, ORIGIN)).toThrow('not the path of an endpoint');
  });
});
