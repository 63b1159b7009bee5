import { describe, expect, it } from '@jest/globals';
import { connectionTo, describeUrl, postgresUrl } from './address.js';

describe('the URL of a PostgreSQL', () => {
  it.each([
    [
      'postgres://keys:p%40ss@db:5433/keys',
      { host: 'db', port: 5433, user: 'keys', password: 'p@ss', database: 'keys' },
      'db:5433/keys',
    ],
    ['postgresql://keys@db/keys', { host: 'db', user: 'keys', database: 'keys' }, 'db:5432/keys'],
    [
      'postgres://keys@[::1]:5433/keys',
      { host: '::1', port: 5433, user: 'keys', database: 'keys' },
      '[::1]:5433/keys',
    ],
    [
      'postgres://keys:secret@/keys?host=/var/run/postgresql',
      { host: '/var/run/postgresql', user: 'keys', password: 'secret', database: 'keys' },
      'keys at the socket in /var/run/postgresql',
    ],
    [
      'postgresql:///keys?host=/var/run/postgresql&user=keys&port=5433',
      { host: '/var/run/postgresql', port: 5433, user: 'keys', database: 'keys' },
      'keys at the socket in /var/run/postgresql',
    ],
    [
      'postgres://keys@%2Fvar%2Frun%2Fpostgresql/keys',
      { host: '/var/run/postgresql', user: 'keys', database: 'keys' },
      'keys at the socket in /var/run/postgresql',
    ],
    ['postgres:///keys', { database: 'keys' }, 'localhost:5432/keys'],
    [
      'postgres://keys@db/keys?sslmode=verify-full',
      { host: 'db', user: 'keys', database: 'keys', ssl: {} },
      'db:5432/keys',
    ],
  ])('is read: %s', (url, expected, place) => {
    expect(postgresUrl().parse(url)).toBe(url);
    expect(connectionTo(url)).toMatchObject(expected);
    expect(describeUrl(url)).toBe(place);
    // A separate password takes precedence, whatever form the URL has.
    expect(connectionTo(url, { password: 'another' })).toMatchObject({
      password: 'another',
      database: 'keys',
    });
  });

  it.each([
    '',
    'keys',
    'http://db/keys',
    'postgres:db',
    'postgres://keys@db:port/keys',
    'postgres://a,b:5432/keys',
  ])('is refused with an example: %s', (url) => {
    const { error } = postgresUrl().safeParse(url);
    expect(error?.issues[0]?.message).toBe(
      'must be a URL such as postgres://keys@localhost:5432/keys, or postgres:///keys?host=/var/run/postgresql&user=keys',
    );
  });

  it('is refused with the name of a file that cannot be read', () => {
    const { error } = postgresUrl().safeParse('postgres://keys@db/keys?sslrootcert=/nonexistent/ca.pem');
    expect(error?.issues[0]?.message).toBe('names /nonexistent/ca.pem, which cannot be read');
  });
});
