import bcrypt from 'bcrypt';
import { z } from 'zod';
import {
  type KeysProcess,
  TEST_SECRETS,
  type TestDatabase,
  type TestRedis,
  makeDatabase,
  startKeysProcess,
  startRedis,
} from '#libs/testing';
import { KeyFormat } from '#libs/key-format';
import { VerifyClient } from '#libs/keys-client';
import { SEEDED_SECRET, seededToken } from './tokens.js';

/** How many distinct keys the cases with many keys use. */
export const MANY = 10_000;

/** A keys service with its own database and Redis, shared by all cases of ours. */
export class World {
  #known: Promise<readonly string[]> | undefined;

  private constructor(
    readonly database: TestDatabase,
    readonly redis: TestRedis,
    readonly keys: KeysProcess,
    /** The settings of gateways. */
    readonly env: Readonly<Record<string, string>>,
  ) {}

  static async open(): Promise<World> {
    const [database, redis] = await Promise.all([makeDatabase(), startRedis()]);
    const keys = await startKeysProcess({
      ...TEST_SECRETS,
      NODE_ENV: 'production',
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      BCRYPT_QUEUE: '10000', // a whole table of keys may be used for the first time at once
    });
    await database.query(
      `INSERT INTO owners (id, email, role, tier) VALUES ('ada', 'ada@example.com', 'user', 'free')`,
    );
    const env = {
      ...TEST_SECRETS,
      NODE_ENV: 'production',
      KEYS_VERIFY_URL: `tcp://127.0.0.1:${keys.verifyPort}`,
      REDIS_URL: redis.url,
    };
    return new World(database, redis, keys, env);
  }

  /** The same, with further settings for gateways. */
  with(env: Readonly<Record<string, string>>): World {
    const other = new World(this.database, this.redis, this.keys, { ...this.env, ...env });
    other.#known = this.knownKeys();
    return other;
  }

  /** {@link MANY} keys whose secrets keys has verified before. */
  knownKeys(): Promise<readonly string[]> {
    this.#known ??= this.seed(MANY, 4).then(async (tokens) => {
      await this.use(tokens);
      return tokens;
    });
    return this.#known;
  }

  /** Lets keys verify each of these keys once. */
  async use(tokens: readonly string[]): Promise<void> {
    const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: [TEST_SECRETS.KEY_TAG_SECRET] });
    const client = new VerifyClient({
      url: `tcp://127.0.0.1:${this.keys.verifyPort}`,
      credential: TEST_SECRETS.KEYS_VERIFY_TOKEN,
      timeoutMs: 10_000,
    });
    const left = tokens.values();
    const verifyAll = async (): Promise<void> => {
      for (const token of left) {
        const key = format.read(token);
        const answer = key.outcome === 'genuine' ? await client.verify(key, null) : key;
        if (answer.outcome !== 'valid')
          throw new Error(`a seeded key is ${answer.outcome}`, { cause: answer });
      }
    };
    await Promise.all(Array.from({ length: 16 }, verifyAll));
    client.close();
  }

  /** Adds keys by SQL, all with one secret and so one bcrypt hash, and returns their texts. */
  async seed(count: number, cost: number): Promise<string[]> {
    const { rows } = await this.#insert(count, cost, 'RETURNING id');
    return tokensOf(rows);
  }

  /** Fills the table up to `count` rows, and returns the texts of `asked` keys from all over it. */
  async fill(count: number, cost: number, asked: number): Promise<string[]> {
    // The owner is known to exist; checking the foreign key for millions of rows would take most of the time.
    await this.database.query("SET session_replication_role = 'replica'; SET statement_timeout = 0");
    await this.#insert(count, cost);
    await this.database.query('VACUUM (ANALYZE) api_keys');
    const { rows } = await this.database.query(
      `SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM api_keys) AS k
        WHERE place % $1 = 0 ORDER BY random()`,
      [Math.floor(count / asked)],
    );
    return tokensOf(rows);
  }

  async #insert(count: number, cost: number, returning = ''): ReturnType<TestDatabase['query']> {
    // A separate owner, since only here may one have so many keys.
    await this.database.query(
      `INSERT INTO owners (id, email, role, tier) VALUES ('seeded', 'seeded@example.com', 'user', 'free')
         ON CONFLICT DO NOTHING`,
    );
    return this.database.query(
      `INSERT INTO api_keys (id, owner_id, name, capabilities, secret_hash, last4, created_by)
       SELECT uuidv7(), 'seeded', 'Production CI', '{desktop:read,desktop:chat}', $2, '0000', 'bench'
         FROM generate_series(1, $1) ${returning}`,
      [count, await bcrypt.hash(SEEDED_SECRET, cost)],
    );
  }

  async close(): Promise<void> {
    await this.keys.service.process.stop();
    await Promise.all([this.redis.stop(), this.database.close()]);
  }
}

function tokensOf(rows: readonly unknown[]): string[] {
  return z
    .array(z.object({ id: z.string() }))
    .parse(rows)
    .map(({ id }) => seededToken(id));
}
