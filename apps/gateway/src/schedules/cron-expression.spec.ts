import { describe, expect, it } from '@jest/globals';
import { validate } from 'class-validator';
import { CronExpression } from './cron-expression.js';

class Job {
  @CronExpression()
  cron: unknown;
}

async function isCron(cron: unknown): Promise<boolean> {
  const job = new Job();
  job.cron = cron;
  return (await validate(job)).length === 0;
}

describe('a cron expression', () => {
  it.each([
    '0 9 * * 1-5',
    '*/15 * * * *',
    '0 9 1,15 jan-jun mon',
    '0 0 29 2 *',
    '0 0 31 12 *',
    '0 0 31 2 1',
    '059 09 * * *',
  ])('is accepted: %s', async (cron) => {
    expect(await isCron(cron)).toBe(true);
  });

  it.each([
    '0 0 30 2 *',
    '0 0 31 2,4,6,9,11 *',
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '0 9 L * *',
    '0 9 * * 1#2',
    '0  9 * * *',
    ' 0 9 * * *',
    '0 9 * * *\n',
    'ab * * * *',
    `${'1'.repeat(95)} * *`,
    '',
    5,
    null,
  ])('is refused: %j', async (cron) => {
    expect(await isCron(cron)).toBe(false);
  });
});
