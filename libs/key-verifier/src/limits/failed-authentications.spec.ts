import { beforeEach, describe, expect, it } from '@jest/globals';
import { FailedAuthentications } from './failed-authentications.js';

let now: number;
let failures: FailedAuthentications;
beforeEach(() => {
  now = 0;
  failures = new FailedAuthentications({ perMinute: 10, now: () => now });
});

function fail(ip: string | undefined, times: number): void {
  for (let i = 0; i < times; i++) failures.add({ ip });
}

describe('an address with failed authentications', () => {
  it('is blocked after ten, until a minute after the first', () => {
    fail('192.0.2.1', 1);
    now = 30_000;
    fail('192.0.2.1', 8);
    expect(failures.retryAfterSeconds({ ip: '192.0.2.1' })).toBeUndefined();
    fail('192.0.2.1', 1);
    expect(failures.retryAfterSeconds({ ip: '192.0.2.1' })).toBe(30);
    now = 59_999;
    expect(failures.retryAfterSeconds({ ip: '192.0.2.1' })).toBe(1);
    now = 60_000;
    expect(failures.retryAfterSeconds({ ip: '192.0.2.1' })).toBeUndefined();
  });

  it('may fail ten more times after that', () => {
    fail('192.0.2.1', 10);
    now = 60_000;
    fail('192.0.2.1', 9);
    expect(failures.retryAfterSeconds({ ip: '192.0.2.1' })).toBeUndefined();
    fail('192.0.2.1', 1);
    expect(failures.retryAfterSeconds({ ip: '192.0.2.1' })).toBe(60);
  });

  it('is not blocked for longer by failures that end later', () => {
    fail('192.0.2.1', 10);
    now = 40_000;
    fail('192.0.2.1', 5);
    expect(failures.retryAfterSeconds({ ip: '192.0.2.1' })).toBe(20);
  });

  it('blocks only its own /64', () => {
    fail('192.0.2.1', 10);
    fail('2001:db8::1', 10);
    expect(failures.retryAfterSeconds({ ip: '192.0.2.2' })).toBeUndefined();
    expect(failures.retryAfterSeconds({ ip: '2001:db8::2' })).toBe(60);
    expect(failures.retryAfterSeconds({ ip: '2001:db8:0:1::1' })).toBeUndefined();
  });

  it('is not counted if it is unknown, since the connection is gone', () => {
    fail(undefined, 10);
    fail('192.0.2.1', 1);
    expect(failures.retryAfterSeconds({ ip: undefined })).toBeUndefined();
    expect(failures.retryAfterSeconds({})).toBeUndefined();
  });
});
