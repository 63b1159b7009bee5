import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EmbeddedPostgres } from '#libs/embedded-postgres';
import type { Revocation } from '#libs/keys-contract';
import { Stack, openDatabase, runFolder, startRedis, uniqueName, Percentiles } from '#libs/testing';
import { type Chaos, REDIS_SETTINGS } from './fault.js';
import { faults } from './faults.js';
import { startReplica } from './replica.js';
import { Workload } from './workload.js';

/*
 * Real processes, real Redis, real PostgreSQL, and one fault after the other while keys are issued, used and revoked.
 * The short form is part of the tests; the long one is npm run chaos.
 */
const long = process.env.CHAOS === 'long';
const REVOKES = long ? 200 : 30;
const PASSWORD = 'the-database-password-of-the-chaos';

/** Whether all three gateways have acknowledged. */
function isConfirmed({ how, gateways }: Revocation): boolean {
  return how === 'acknowledged' && gateways === 3;
}

/** How much polling and a busy machine may add to a bound. */
const SLACK_MS = 1500;

const HEAD = [
  '| fault | bound | from the commit: p50 | p99 | longest | the whole call: p50 | p99 | longest | requests | back after |',
  '|---|---|---|---|---|---|---|---|---|---|',
].join('\n');

/** A row of that table; times in milliseconds. */
function row(
  name: string,
  boundMs: number | '',
  waited: Percentiles,
  took: Percentiles,
  ...rest: readonly (number | '')[]
): string {
  const times = [waited, took].flatMap((spread) => [spread.at(0.5), spread.at(0.99), spread.at(1)]);
  return `| ${[name, boundMs, ...times.map((ms) => ms.toFixed(1)), ...rest].join(' | ')} |`;
}

const table: string[] = [];
afterAll(() => void process.stderr.write(`\n${HEAD}\n${table.join('\n')}\n`));

/** The remaining processes of a killed server must have ended before another can start. */
async function startAgain(start: () => Promise<EmbeddedPostgres>): Promise<EmbeddedPostgres> {
  for (let tries = 1; ; tries++) {
    try {
      return await start();
    } catch (err) {
      if (tries === 50) throw err;
      await sleep(100);
    }
  }
}

describe('without faults', () => {
  it('revokes are acknowledged by all three gateways', async () => {
    const stack = await Stack.start({ gateways: 3, keys: 2, direct: true });
    const workload = new Workload(stack, REVOKES);
    await workload.runAtRest();
    await stack.stop();
    expect(workload.revokes).toHaveLength(REVOKES);
    const confirmed = workload.revokes.filter(({ revocation }) => isConfirmed(revocation));
    // On a busy machine, a gateway may be late and lose its lease.
    if (long) expect(confirmed).toHaveLength(REVOKES);
    else expect(confirmed.length).toBeGreaterThan(REVOKES / 2);
    const waited = new Percentiles(workload.revokes.map(({ revocation }) => revocation.waitedMs));
    const took = new Percentiles(workload.revokes.map(({ tookMs }) => tookMs));
    table.push(row('nothing, at rest', '', waited, took, '', ''));
    if (!long) return;
    expect(waited.at(0.5)).toBeLessThanOrEqual(5);
    expect(waited.at(0.99)).toBeLessThanOrEqual(25);
  });
});

describe('while keys are issued, used at three gateways and revoked', () => {
  let chaos: Chaos;
  let postgres: EmbeddedPostgres;

  beforeAll(async () => {
    const folder = runFolder(uniqueName('chaos'));
    const start = () => EmbeddedPostgres.start({ folder, password: PASSWORD });
    postgres = await start();
    const url = new URL(postgres.url);
    url.password = PASSWORD;
    const redis = await startRedis(REDIS_SETTINGS);
    const replica = await startReplica(redis, REDIS_SETTINGS);
    const stack = await Stack.start({
      gateways: 3,
      keys: 2,
      database: await openDatabase(url.href),
      redis,
      redisUsers: { keys: 'keys:any', gateways: 'gateways:any' },
    });
    chaos = {
      stack,
      replica,
      restartPostgres: async (how) => {
        if (how === 'stop') await postgres.stop();
        else process.kill(postgres.pid, 'SIGKILL');
        return (postgres = await startAgain(start));
      },
    };
  });
  afterAll(async () => {
    await chaos.stack.stop();
    await Promise.all([postgres.stop(), chaos.replica.redis.stop(), chaos.replica.fromPrimary.stop()]);
  });

  it.each(faults({ long }).map((fault) => [fault.name, fault] as const))(
    'no revoked key is accepted and no valid one refused: %s',
    async (name, fault) => {
      const workload = new Workload(chaos.stack, REVOKES);
      await workload.run(() => fault.happen(chaos));
      const backAfterMs = await workload.recover();

      const { acceptedAfterReturn, validRefused, accepted, refused } = workload.history.check();
      expect(acceptedAfterReturn).toEqual([]);
      expect(validRefused).toEqual([]);
      expect(accepted).toBeGreaterThan(REVOKES);
      expect(refused).toBeGreaterThan(REVOKES);

      expect(workload.revokes.length).toBeGreaterThanOrEqual(REVOKES);
      const waited = new Percentiles(workload.revokes.map(({ revocation }) => revocation.waitedMs));
      const took = new Percentiles(workload.revokes.map(({ tookMs }) => tookMs));
      table.push(row(name, fault.boundMs, waited, took, accepted + refused, Math.round(backAfterMs)));
      // Times are only checked in the long form, which is run on an idle machine.
      if (!long) return;
      expect(waited.at(1)).toBeLessThan(fault.boundMs + SLACK_MS);
      expect(backAfterMs).toBeLessThan(5000);
    },
  );
});
