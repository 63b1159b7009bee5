import { z } from 'zod';
import { CaseServer } from '../case-server.js';
import { SERVER_CORE } from '../machine.js';
import type { BenchOptions } from '../options.js';
import { type PostgresMemory, memoryOf } from '../postgres-memory.js';
import { median } from '../statistics.js';
import { tokenFile } from '../tokens.js';
import { MANY, World } from '../world.js';
import { measureOnce } from './closed-loop.js';

/** The cost of verifying with a large table, relative to a small one. */
export interface RowsMeasure {
  readonly rows: readonly [number, number];
  readonly requestsPerSecond: readonly [number, number];
  readonly cost: number;
  /** Bytes on disk per key of the large table: its row, and its share of the indexes. */
  readonly bytesPerKey: { readonly table: number; readonly indexes: number };
  /** Of the server with both tables, after everything else. */
  readonly memory: PostgresMemory;
}

/** Verifies keys from all over the table at keys, with known verdicts, alternately in both tables. */
export async function measureRows(options: BenchOptions, say: (text: string) => void): Promise<RowsMeasure> {
  const [small, large] = [await tableOf(MANY), await tableOf(options.rows)];
  say(`filling the table of ${options.rows} rows`);
  const bytesPerKey = await bytesPerKeyOf(large.world, options.rows);
  const rounds: [number, number][] = [];
  for (let round = 1; round <= options.rounds; round++) {
    const pair: [number, number] = [
      (await measureOnce('rows', small.running, options)).requestsPerSecond,
      (await measureOnce('rows', large.running, options)).requestsPerSecond,
    ];
    rounds.push(pair);
    say(`round ${round}, rows: ${pair.map(Math.round).join(' and ')} requests per second`);
  }
  const memory = await memoryOf(large.world.database);
  await Promise.all([small.world.close(), large.world.close()]);
  return {
    rows: [MANY, options.rows],
    requestsPerSecond: [median(rounds.map(([few]) => few)), median(rounds.map(([, many]) => many))],
    cost: median(rounds.map(([few, many]) => few / many)),
    bytesPerKey,
    memory,
  };
}

async function bytesPerKeyOf({ database }: World, keys: number): Promise<RowsMeasure['bytesPerKey']> {
  const { rows } = await database.query(
    `SELECT pg_table_size('api_keys')::float8 / $1 AS "table", pg_indexes_size('api_keys')::float8 / $1 AS indexes`,
    [keys],
  );
  const [bytes] = z.tuple([z.object({ table: z.number(), indexes: z.number() })]).parse(rows);
  return bytes;
}

async function tableOf(rows: number): Promise<{
  world: World;
  running: { process: CaseServer['process']; url: string; tokens: () => string };
}> {
  const world = await World.open();
  const tokens = await world.fill(rows, 4, MANY);
  await world.use(tokens);
  const { process, url } = await CaseServer.start('guarded', { ...world.env, CACHE_SIZE: '1' }, SERVER_CORE);
  const path = tokenFile(tokens);
  return { world, running: { process, url: `${url}/answer`, tokens: () => path } };
}
