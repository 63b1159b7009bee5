import { expect, it } from '@jest/globals';
import { retryAfterSeconds } from './retry-after.js';

const DATE = 'Sun, 31 Jan 2027 12:00:00 GMT';

it.each([
  ['0', 0],
  ['120', 120],
  ['3600', 3600],
  ['86400', 3600],
  ['Sun, 31 Jan 2027 12:01:30 GMT', 90],
  ['Sun, 31 Jan 2027 11:00:00 GMT', 0],
  ['Mon, 01 Feb 2027 12:00:00 GMT', 3600],
  ['soon', undefined],
  ['-5', undefined],
  ['', undefined],
])('Retry-After: %s is %p seconds', (after, seconds) => {
  expect(retryAfterSeconds({ 'retry-after': after, date: DATE })).toBe(seconds);
});

it('a moment without a Date to count from says nothing', () => {
  expect(retryAfterSeconds({ 'retry-after': DATE })).toBeUndefined();
  expect(retryAfterSeconds({})).toBeUndefined();
  expect(retryAfterSeconds({ 'retry-after': ['1', '2'] })).toBeUndefined();
});
