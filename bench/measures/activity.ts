import { z } from 'zod';
import { keyIdFromUuid } from '#libs/key-format';
import { VerifyClient } from '#libs/keys-client';
import { MAX_ACTIVITY, type ReportedActivity } from '#libs/keys-contract';
import { TEST_SECRETS } from '#libs/testing';
import { World } from '../world.js';

/** How many keys are used, on which routes: each combination is a row per hour. */
const KEYS = 2000;
const ROUTES = ['GET /v1/desktops', 'GET /v1/desktops/:id', 'POST /v1/desktops/:id/chat'];

/** A gateway reports activity every 20 seconds; every minute, autovacuum checks what has changed. */
const REPORTS_AN_HOUR = 180;
const REPORTS_A_MINUTE = 3;

/** What PostgreSQL stores of keys' activity: a row for each key, hour, route, status and address. */
export interface ActivityMeasure {
  readonly rows: number;
  /** Bytes on disk per row, its part of the index included: when it was written, and after all the reports of an hour. */
  readonly bytesPerRow: { readonly written: number; readonly afterAnHour: number };
  /** How many rows per second one replica of keys has updated. */
  readonly rowsPerSecond: number;
}

/** Reports the activity of many keys, as a gateway does for an hour, but without pauses. */
export async function measureActivity(): Promise<ActivityMeasure> {
  const world = await World.open();
  await world.seed(KEYS, 4);
  const { keys, database } = world;
  const client = new VerifyClient({
    url: `tcp://127.0.0.1:${keys.verifyPort}`,
    credential: TEST_SECRETS.KEYS_VERIFY_TOKEN,
    timeoutMs: 10_000,
  });
  const activity = await activityOf(world);
  const report = async (): Promise<number> => {
    const began = performance.now();
    for (let start = 0; start < activity.length; start += MAX_ACTIVITY)
      await client.reportActivity(activity.slice(start, start + MAX_ACTIVITY));
    return performance.now() - began;
  };

  await report();
  const written = await bytesPerRowIn(world);
  let milliseconds = 0;
  for (let reports = 1; reports < REPORTS_AN_HOUR; reports++) {
    milliseconds += await report();
    if (reports % REPORTS_A_MINUTE === 0) await database.query('VACUUM key_activity');
  }
  const afterAnHour = await bytesPerRowIn(world);
  client.close();
  await world.close();
  return {
    rows: activity.length,
    bytesPerRow: { written, afterAnHour },
    rowsPerSecond: ((REPORTS_AN_HOUR - 1) * activity.length * 1000) / milliseconds,
  };
}

/** A request of each key on each route, each key from a different address. */
async function activityOf({ database }: World): Promise<ReportedActivity[]> {
  const { rows } = await database.query('SELECT id FROM api_keys');
  return z
    .array(z.object({ id: z.string() }))
    .parse(rows)
    .flatMap(({ id }, i) => {
      const address = `198.51.${i >> 8}.${i & 255}`;
      const told = {
        keyId: keyIdFromUuid(id),
        status: 200,
        address,
        count: 1,
        firstAgoMs: 9000,
        lastAgoMs: 10,
      };
      return ROUTES.map((route) => ({ ...told, route }));
    });
}

/** If an hour ends meanwhile, each gets a second row: so the rows are counted, not assumed. */
async function bytesPerRowIn({ database }: World): Promise<number> {
  const { rows } = await database.query(
    `SELECT sum(pg_total_relation_size(relid))::float8 / (SELECT count(*) FROM key_activity) AS bytes
       FROM pg_partition_tree('key_activity') WHERE isleaf`,
  );
  const [{ bytes }] = z.tuple([z.object({ bytes: z.number() })]).parse(rows);
  return bytes;
}
