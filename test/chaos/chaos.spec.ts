import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EmbeddedPostgres } from '#libs/embedded-postgres';
import { Stack, openDatabase, runFolder, uniqueName } from '#libs/testing';
import { type Chaos, faults } from './faults.js';
import { Workload } from './workload.js';

/*
 * Real processes, real Redis, real PostgreSQL, and one fault after the other while keys are issued, used and revoked.
 * The short form is part of the tests; the long one is npm run chaos.
 */
const long = process.env.CHAOS === 'long';
const REVOKES = long ? 200 : 30;
const PASSWORD = 'the-database-password-of-the-chaos';

describe('while keys are issued, used at three gateways and revoked', () => {
  let chaos: Chaos;
  let postgres: EmbeddedPostgres;
  const table: string[] = [];

  beforeAll(async () => {
    const folder = runFolder(uniqueName('chaos'));
    const start = () => EmbeddedPostgres.start({ folder, password: PASSWORD });
    postgres = await start();
    const url = new URL(postgres.url);
    url.password = PASSWORD;
    const stack = await Stack.start({ gateways: 3, keys: 2, database: await openDatabase(url.href) });
    chaos = {
      stack,
      restartPostgres: async () => {
        await postgres.stop();
        return (postgres = await start());
      },
    };
  });
  afterAll(async () => {
    await chaos.stack.stop();
    await postgres.stop();
    process.stderr.write(
      ['', 'fault | revokes | p50 | p99 | longest | requests | back after', ...table, ''].join('\n'),
    );
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

      const took = workload.revokes.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
      const at = (share: number): number => Math.round(took[Math.ceil(share * took.length) - 1] ?? NaN);
      table.push(
        [name, took.length, at(0.5), at(0.99), at(1), accepted + refused, Math.round(backAfterMs)].join(
          ' | ',
        ),
      );
      expect(took).toHaveLength(REVOKES);
      // Times are judged in the long form, which is run on a machine that does nothing else.
      if (!long) return;
      for (const { revocation } of workload.revokes) expect(revocation.waitedMs).toBeLessThan(fault.boundMs);
      expect(backAfterMs).toBeLessThan(5000);
    },
    long ? 300_000 : 90_000,
  );
});
