import { describe, expect, it } from '@jest/globals';
import { calledRouteName, routeName } from './route-name.js';

describe('the name of a route', () => {
  it.each([
    ['is its method and pattern', '/v1/desktops/:id', 'GET /v1/desktops/:id'],
    ['begins with a slash', 'v1/me', 'GET /v1/me'],
    ['encodes non-ASCII characters as in a URL', '/café', 'GET /caf%C3%A9'],
    ['encodes spaces and control characters', '/a b\n', 'GET /a%20b%0A'],
    ['replaces lone surrogates', '/\ud800', 'GET /%EF%BF%BD'],
  ])('%s', (_, pattern, name) => {
    expect(routeName('GET', pattern)).toBe(name);
  });

  it('is cut to the length that keys accepts', () => {
    expect(routeName('GET', `/${'x'.repeat(400)}`)).toHaveLength(300);
  });

  it('comes from requests of Fastify and of Express', () => {
    expect(calledRouteName({ method: 'PUT', routeOptions: { url: '/api/v2/reports' } })).toBe(
      'PUT /api/v2/reports',
    );
    expect(calledRouteName({ method: 'PUT', route: { path: '/api/v2/reports' } })).toBe(
      'PUT /api/v2/reports',
    );
    expect(calledRouteName({ method: 'PUT', baseUrl: '/api/v2', route: { path: '/reports' } })).toBe(
      'PUT /api/v2/reports',
    );
    expect(calledRouteName({ method: 'PUT' })).toBeUndefined();
  });
});
