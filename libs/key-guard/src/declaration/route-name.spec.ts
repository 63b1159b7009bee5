import { describe, expect, it } from '@jest/globals';
import { calledRouteName, routeName } from './route-name.js';

describe('the name of a route', () => {
  it.each([
    ['is its method and pattern', '/v1/desktops/:id', 'GET /v1/desktops/:id'],
    ['begins with a slash', 'v1/me', 'GET /v1/me'],
    ['has what is not ASCII as in a URL', '/café', 'GET /caf%C3%A9'],
    ['has no blanks and control characters', '/a b\n', 'GET /a%20b%0A'],
    ['has no half of a character', '/\ud800', 'GET /%EF%BF%BD'],
  ])('%s', (_, pattern, name) => {
    expect(routeName('GET', pattern)).toBe(name);
  });

  it('is cut where keys would refuse it', () => {
    expect(routeName('GET', `/${'x'.repeat(400)}`)).toHaveLength(300);
  });

  it('is told by requests of Fastify and of Express', () => {
    expect(calledRouteName({ method: 'PUT', routeOptions: { url: '/api/v2/reports' } })).toBe(
      'PUT /api/v2/reports',
    );
    expect(calledRouteName({ method: 'PUT', route: { path: '/api/v2/reports' } })).toBe(
      'PUT /api/v2/reports',
    );
    expect(calledRouteName({ method: 'PUT' })).toBeUndefined();
  });
});
