import pg from 'pg';
import { uniqueName } from './run-folder.js';
import { startProgram } from './running-process.js';

/** The role that keys serves with: it owns nothing, as in a deployment. */
const SERVING_ROLE = 'keys_serving';

/** The database that those with the tables of keys are copied from. */
const TEMPLATE = 'keys_template';

/** A database on the PostgreSQL of this test run. */
export interface TestDatabase {
  /** Of its owner, with password. */
  readonly url: string;
  /** Of the role that keys serves with, with password. */
  readonly servingUrl: string;
  /** Runs SQL in it, as its owner. */
  query(sql: string, values?: unknown[]): Promise<pg.QueryResult>;
  close(): Promise<void>;
}

/** Prepares the PostgreSQL of this run for `makeKeysDatabase`. */
export async function makeTemplate(): Promise<void> {
  const server = serverUrl();
  const admin = new pg.Client({ connectionString: server.href });
  await admin.connect();
  await admin.query(`CREATE ROLE ${SERVING_ROLE} LOGIN PASSWORD '${decodeURIComponent(server.password)}'`);
  await admin.query(`CREATE DATABASE ${TEMPLATE}`);
  await admin.end();
  server.pathname = `/${TEMPLATE}`;
  const env = { DATABASE_URL: server.href, DATABASE_SERVING_ROLE: SERVING_ROLE };
  const migrating = startProgram('bin/migrate.js', env);
  if ((await migrating.exited) !== 0) throw new Error(`the tables cannot be created: ${migrating.stderr}`);
}

/** An empty database, in which only its owner can serve. */
export function makeDatabase(): Promise<TestDatabase> {
  return create('template1');
}

/** A database with the tables of keys. */
export async function makeKeysDatabase(): Promise<TestDatabase> {
  const database = await create(TEMPLATE);
  const servingUrl = new URL(database.url);
  servingUrl.username = SERVING_ROLE;
  return { ...database, servingUrl: servingUrl.href };
}

async function create(template: string): Promise<TestDatabase> {
  const url = serverUrl();
  const name = uniqueName('test').replaceAll('-', '_');
  const admin = new pg.Client({ connectionString: url.href });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  await admin.end();
  url.pathname = `/${name}`;
  return openDatabase(url.href);
}

function serverUrl(): URL {
  const url = process.env.TEST_POSTGRES_URL;
  if (url === undefined) throw new Error('run the tests with: npm test');
  return new URL(url);
}

/** An existing database, by its URL with password. */
export async function openDatabase(url: string): Promise<TestDatabase> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // A test that stops its server expects that.
  await client.connect();
  return {
    url,
    servingUrl: url,
    query: (sql, values) => client.query(sql, values),
    close: () => client.end(),
  };
}
