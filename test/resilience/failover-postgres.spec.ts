import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ReplicatedPostgres, Stack, callOnce, startProgram, Percentiles, until } from '#libs/testing';
import { Workload } from './chaos/workload.js';

const REVOKES = 30;

let postgres: ReplicatedPostgres;
let stack: Stack;
beforeAll(async () => {
  postgres = await ReplicatedPostgres.start();
  stack = await Stack.start({ gateways: 2, keys: 2, database: postgres.primary });
});
afterAll(async () => {
  await stack.stop();
  await postgres.stop();
});

/** Keys that are issued and not revoked, until stopped: what the caller has got must exist. */
class Kept {
  readonly tokens: string[] = [];
  #isOver = false;

  async issue(): Promise<void> {
    while (!this.#isOver) {
      await stack.issue('grace').then(
        ({ token }) => this.tokens.push(token),
        () => sleep(50),
      );
    }
  }

  /** Waits until there are `count` of them. */
  async until(count: number): Promise<void> {
    while (this.tokens.length < count) await sleep(10);
  }

  end(): void {
    this.#isOver = true;
  }
}

async function numberOf(sql: string, values: unknown[] = []): Promise<number> {
  const { rows } = await postgres.standby.query(`SELECT count(*)::integer AS number ${sql}`, values);
  return rows[0]?.number;
}

it('a keys service does not start on a standby, which may lag behind', async () => {
  const env = { ...stack.env, DATABASE_URL: postgres.standby.url };
  const keys = startProgram('bin/keys.js', env);
  expect(await keys.exited).toBe(1);
  expect(keys.stderr).toContain('this PostgreSQL is a standby: it may lag behind the primary');
});

it('nothing that has returned is lost when the primary loses power and its standby is promoted', async () => {
  const { keysToDatabase } = stack.network;
  const workload = new Workload(stack, REVOKES);
  const kept = new Kept();
  const issuing = kept.issue();
  let promotedMs = 0;
  let backMs = 0;
  await workload.run(async () => {
    // Its machine no longer answers, and closes no connection; the address leads to the standby before that is promoted.
    await kept.until(5);
    keysToDatabase.silence();
    postgres.crashPrimary();
    keysToDatabase.mend(Number(new URL(postgres.standby.url).port));
    const crashedAt = performance.now();
    await sleep(1000);
    await postgres.promoteStandby();
    promotedMs = performance.now() - crashedAt;
    await kept.until(kept.tokens.length + 1);
    backMs = performance.now() - crashedAt;
    await kept.until(kept.tokens.length + 5);
  });
  kept.end();
  await issuing;

  const { acceptedAfterReturn, validRefused, accepted, refused } = workload.history.check();
  expect(acceptedAfterReturn).toEqual([]);
  expect(validRefused).toEqual([]);
  expect(workload.revokes.length).toBeGreaterThanOrEqual(REVOKES);

  for (const token of kept.tokens) {
    const statuses = await Promise.all(
      stack.gateways.map(async ({ url }) => (await callOnce(`${url}/v1/me`, token)).status),
    );
    expect(statuses).toEqual([200, 200]);
  }
  const revoked = workload.revokes.map(({ revocation }) => revocation.key.id);
  for (const id of revoked) expect(await stack.manage.get(id)).toMatchObject({ state: 'revoked' });
  expect(
    await numberOf(`FROM audit_events WHERE action = 'key.revoked' AND key_id = ANY($1)`, [revoked]),
  ).toBe(revoked.length);
  await until(async () => (await numberOf('FROM revocation_outbox')) === 0);

  // Each keys service's permanent connections are open at the new primary: one to listen, and one for a lock.
  await until(async () => (await numberOf(`FROM pg_stat_activity WHERE query LIKE 'LISTEN%'`)) === 2);
  await until(
    async () => (await numberOf(`FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock'`)) === 2,
  );

  const waited = new Percentiles(workload.revokes.map(({ revocation }) => revocation.waitedMs));
  process.stderr.write(
    `\nuntil the standby was promoted: ${Math.round(promotedMs)} ms` +
      `\nuntil a key was issued again: ${Math.round(backMs)} ms` +
      `\nlongest revoke, from its commit: ${Math.round(waited.at(1))} ms` +
      `\n${kept.tokens.length} keys issued and kept, ${revoked.length} revoked, ${accepted + refused} requests\n`,
  );
});
