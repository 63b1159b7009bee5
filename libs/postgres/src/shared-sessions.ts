import type { Pool, PoolClient } from 'pg';

/** How often it looks. Each time finds out for sure, unless other clients of the pooler are busy just then. */
const LOOKS = 3;

/** What to do about it, as the reason in a sentence about a connection. */
export const SHARED_SESSIONS =
  'a pooler in between gives each transaction another session: set pool_mode = session for this database';

/**
 * Whether connections share the sessions of PostgreSQL, as they do through a pooler such as PgBouncer with `pool_mode =
 * transaction`. Listening, advisory locks and settings, which last as long as a session, would be lost or go to others.
 */
export async function sharesSessions(pool: Pool): Promise<boolean> {
  const first = await pool.connect();
  try {
    const second = await pool.connect();
    try {
      for (let look = 0; look < LOOKS; look++) if (await isShared(first, second)) return true;
      return false;
    } finally {
      second.release();
    }
  } finally {
    first.release();
  }
}

/** A transaction of the second gets the session that the first has left; or the first one's next statement gets another. */
async function isShared(first: PoolClient, second: PoolClient): Promise<boolean> {
  const session = await sessionOf(first);
  await second.query('BEGIN');
  const others = await sessionOf(second);
  const later = await sessionOf(first);
  await second.query('COMMIT');
  return session === others || session !== later;
}

async function sessionOf(client: PoolClient): Promise<number | undefined> {
  const { rows } = await client.query<{ session: number }>('SELECT pg_backend_pid() AS session');
  return rows[0]?.session;
}
