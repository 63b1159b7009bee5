import pg from 'pg';
import {
  type PrimaryOnly,
  SHARED_SESSIONS,
  connectionTo,
  describeUrl,
  errorMessage,
  lockNumber,
  sharesSessions,
} from '#libs/postgres';
import { StartError } from '#libs/service';

export interface DatabaseOptions {
  /** `postgres://user@host:5432/database` */
  readonly url: string;
  /** Overrides the one in the URL. */
  readonly password: string | undefined;
  /** Certificates (PEM) to trust, instead of the system's. */
  readonly ca: string | undefined;
  readonly primaryOnly: PrimaryOnly;
  /** Called when an idle connection breaks. */
  readonly onError: (err: Error) => void;
}

/** The schema of all tables of the dashboard. */
export const SCHEMA = 'dashboard';

/** Advisory lock, so that replicas that start together create the tables one after the other. */
const SETUP_LOCK = lockNumber('dashboard: tables');

/** Connects to PostgreSQL. Throws a {@link StartError} if that fails. */
export async function openDatabase({
  url,
  password,
  ca,
  primaryOnly,
  onError,
}: DatabaseOptions): Promise<pg.Pool> {
  const pool = new pg.Pool({
    ...connectionTo(url, { password, ca }),
    ...primaryOnly.options,
    application_name: 'dashboard',
    max: 10,
    connectionTimeoutMillis: 5000,
  });
  pool.on('error', onError);
  try {
    if (await sharesSessions(pool)) throw new Error(SHARED_SESSIONS);
    return pool;
  } catch (err) {
    await pool.end();
    throw new StartError(
      `Cannot connect to the database ${describeUrl(url)} (${errorMessage(err)}). Start it, or correct DASHBOARD_DATABASE_URL.`,
      { cause: err },
    );
  }
}

/** Runs `work` on one replica at a time, waiting for the others without a timeout. */
export async function underLock(pool: pg.Pool, work: () => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('SET statement_timeout = 0; SET lock_timeout = 0');
    await client.query('SELECT pg_advisory_lock($1)', [SETUP_LOCK]);
    await work();
  } finally {
    // Closes the connection, which releases the lock and drops the settings.
    client.release(true);
  }
}

export function canAnswer(pool: pg.Pool): Promise<boolean> {
  return pool.query('SELECT 1').then(
    () => true,
    () => false,
  );
}
