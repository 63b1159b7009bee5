import pg from 'pg';
import { uniqueName } from './run-folder.js';

/** An empty database on the PostgreSQL of this test run. */
export interface TestDatabase {
  /** With password. */
  readonly url: string;
  /** Runs SQL in it, as its owner. */
  query(sql: string, values?: unknown[]): Promise<pg.QueryResult>;
  close(): Promise<void>;
}

export async function makeDatabase(): Promise<TestDatabase> {
  const server = process.env.TEST_POSTGRES_URL;
  if (server === undefined) throw new Error('run the tests with: npm test');
  const name = uniqueName('test').replaceAll('-', '_');
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();

  const url = new URL(server);
  url.pathname = `/${name}`;
  return openDatabase(url.href);
}

/** An existing database, by its URL with password. */
export async function openDatabase(url: string): Promise<TestDatabase> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // A test that stops its server expects that.
  await client.connect();
  return {
    url,
    query: (sql, values) => client.query(sql, values),
    close: () => client.end(),
  };
}
