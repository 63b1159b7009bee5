import { describe, expect, it } from '@jest/globals';
import { loggedPath } from './logged-path.js';

describe('the path of a request in the log', () => {
  it.each([
    ['/v1/desktops?limit=7&email=ada@example.com', '/v1/desktops'],
    ['/owners/ada@example.com', '/owners/[email]'],
    ['/owners/ada%40example.com/keys?state=all', '/owners/[email]/keys'],
    ['/owners/ada%2540example.com/suspend', '/owners/[email]/suspend'],
    ['/owners/01940e6c-5c3a-7a9f/keys', '/owners/01940e6c-5c3a-7a9f/keys'],
    ['/v1/kb/notes/@me/100%25', '/v1/kb/notes/@me/100%25'],
    ['', ''],
  ])('has no query and no email: %s', (url, path) => {
    expect(loggedPath(url)).toBe(path);
  });
});
