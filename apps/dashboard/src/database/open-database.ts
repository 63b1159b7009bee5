import pg from 'pg';
import { type PrimaryOnly, connectionTo, lockNumber, describeUrl, errorMessage } from '#libs/postgres';
import { StartError } from '#libs/service';

export interface DatabaseOptions {
  /** `postgres://user@host:5432/database` */
  readonly url: string;
  /** Instead of the one in the address. */
  readonly password: string | undefined;
  /** Certificates (PEM) to trust instead of the system's. */
  readonly ca: string | undefined;
  /** How its connections are made. */
  readonly toPrimary: PrimaryOnly;
  /** Told of connections that break while nobody uses them. */
  readonly onTrouble: (err: Error) => void;
}

/** The schema of all that is the dashboard's. */
export const SCHEMA = 'dashboard';

/** Replicas that start together set up the tables one after the other under it. */
const SETUP_LOCK = lockNumber('dashboard: tables');

/** Connects to PostgreSQL. Throws a {@link StartError} that says what to do. */
export async function openDatabase({
  url,
  password,
  ca,
  toPrimary,
  onTrouble,
}: DatabaseOptions): Promise<pg.Pool> {
  const pool = new pg.Pool({
    ...connectionTo(url, { password, ca }),
    ...toPrimary.options,
    application_name: 'dashboard',
    max: 10,
    connectionTimeoutMillis: 5000,
    statement_timeout: 5000,
    lock_timeout: 1000,
    idle_in_transaction_session_timeout: 10_000,
  });
  pool.on('error', onTrouble);
  try {
    await pool.query('SELECT 1');
    return pool;
  } catch (err) {
    await pool.end();
    throw new StartError(
      `Cannot open the database ${describeUrl(url)} (${errorMessage(err)}): start it, or correct DASHBOARD_DATABASE_URL.`,
      { cause: err },
    );
  }
}

/** Does something that no other replica does meanwhile, however long that one takes. */
export async function underLock(pool: pg.Pool, work: () => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('SET statement_timeout = 0; SET lock_timeout = 0');
    await client.query('SELECT pg_advisory_lock($1)', [SETUP_LOCK]);
    await work();
  } finally {
    // Closed rather than handed back: with it go the lock and what was set.
    client.release(true);
  }
}

/** Whether the database answers. */
export function canAnswer(pool: pg.Pool): Promise<boolean> {
  return pool.query('SELECT 1').then(
    () => true,
    () => false,
  );
}
