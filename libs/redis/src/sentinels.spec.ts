import { describe, expect, it } from '@jest/globals';
import { redisUrl, sentinelsIn } from './sentinels.js';

describe('the URL of sentinels', () => {
  it.each([
    [
      'redis+sentinel://a:26379,b:26380/mymaster',
      { sentinels: [at('a', 26379), at('b', 26380)], name: 'mymaster', isTls: false },
    ],
    ['redis+sentinel://a/mymaster', { sentinels: [at('a', 26379)], name: 'mymaster', isTls: false }],
    [
      'rediss+sentinel://keys:p%40ss@[::1]:26379,10.0.0.7/my.master-1/3',
      {
        sentinels: [at('::1', 26379), at('10.0.0.7', 26379)],
        name: 'my.master-1',
        username: 'keys',
        password: 'p@ss',
        db: 3,
        isTls: true,
      },
    ],
    [
      'redis+sentinel://:secret@a/mymaster',
      { sentinels: [at('a', 26379)], name: 'mymaster', password: 'secret', isTls: false },
    ],
  ])('is read: %s', (url, expected) => {
    expect(sentinelsIn(url)).toEqual(expected);
    expect(redisUrl().parse(url)).toBe(url);
  });

  it.each([
    'redis+sentinel://a:26379,b:26379',
    'redis+sentinel://a:26379,b:26379/',
    'redis+sentinel:///mymaster',
    'redis+sentinel://a:port/mymaster',
    'redis+sentinel://a,,b/mymaster',
    'redis+sentinel://a/mymaster/one',
    'sentinel://a/mymaster',
    'http://localhost:6379',
    'redis+sentinel://:100%@a/mymaster',
    'redis://:100%@localhost',
    'redis://localhost/keys',
    'redis:localhost',
  ])('is refused, with an example: %s', (url) => {
    const { error } = redisUrl().safeParse(url);
    expect(error?.issues[0]?.message).toBe(
      'must be a URL such as redis://localhost:6379, or redis+sentinel://sentinel-1:26379,sentinel-2:26379/mymaster',
    );
  });

  it.each(['redis://localhost:6379/0', 'redis://keys:p%40ss@localhost/', 'rediss://redis.example.com'])(
    'is optional: %s',
    (url) => {
      expect(sentinelsIn(url)).toBeUndefined();
      expect(redisUrl().parse(url)).toBe(url);
    },
  );
});

function at(host: string, port: number): { host: string; port: number } {
  return { host, port };
}
