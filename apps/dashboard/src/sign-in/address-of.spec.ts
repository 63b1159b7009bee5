import { describe, expect, it } from '@jest/globals';
import { addressOf } from './address-of.js';

describe('the address of a request', () => {
  it.each([
    ['/api/auth/callback/google', {}, ''],
    ['/api/auth/callback/google?code=a', { code: 'a+b/c=', state: 'x y' }, '?code=a%2Bb%2Fc%3D&state=x+y'],
    ['/api/auth/x?a', { a: ['1', '2'] }, '?a=1&a=2'],
    ['/api/auth/x?%ff', { '%ff': '' }, '?%25ff='],
  ])('has its query as it was parsed: %s', (url, query, search) => {
    const address = addressOf({ url, query }, 'https://keys.example.com');
    expect(address.origin + address.pathname).toBe(`https://keys.example.com${url.split('?')[0]}`);
    expect(address.search).toBe(search);
  });
});
