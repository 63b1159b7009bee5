import { Socket } from 'node:net';
import type { PoolClient, PoolConfig } from 'pg';

/** How long an answer may take until the connection counts as dead, in milliseconds: longer than any statement. */
const SILENCE_MS = 10_000;

/** A server that only follows the primary. Its SQLSTATE means that it accepts no connections now, as while starting. */
class NotPrimary extends Error {
  override readonly name = 'NotPrimary';
  readonly code = '57P03';

  constructor() {
    super('this PostgreSQL is a standby: it may lag behind the primary');
  }
}

/**
 * How long a statement may take until PostgreSQL cancels it; how long it may wait for a row that another transaction holds,
 * while it holds a connection; and how long a transaction may pause.
 */
const TIMEOUTS = {
  statement_timeout: '5s',
  lock_timeout: '1s',
  idle_in_transaction_session_timeout: '10s',
} as const;

/** Sets the time-outs of a session again, after work that needed others. */
export const SET_TIMEOUTS = Object.entries(TIMEOUTS)
  .map(([name, value]) => `SET ${name} = '${value}'`)
  .join('; ');

/**
 * Session settings that our statements and the driver rely on, whatever the database or its user has set: how values are
 * written, and that a statement sees what was committed before it. With `synchronous_commit` off, a crash would undo
 * revocations that have returned; among its other values the operator may choose. Poolers refuse the time-outs as a client
 * connects, so they are set here as well.
 */
const SESSION = `
  ${Object.entries(TIMEOUTS)
    .map(([name, value]) => `set_config('${name}', '${value}', false)`)
    .join(', ')},
  set_config('datestyle', 'ISO, YMD', false),
  set_config('intervalstyle', 'postgres', false),
  set_config('timezone', 'UTC', false),
  set_config('bytea_output', 'hex', false),
  set_config('extra_float_digits', '1', false),
  set_config('standard_conforming_strings', 'on', false),
  set_config('default_transaction_isolation', 'read committed', false),
  set_config('synchronous_commit', coalesce(nullif(current_setting('synchronous_commit'), 'off'), 'on'), false)`;

/**
 * Makes a pool, by its `options`, connect only to the primary, and close connections whose server is gone. A standby may
 * lack the last commits, and so find a revoked key active. A session stays on the primary for as long as it lasts, and has
 * the settings of {@link SESSION}.
 */
export class PrimaryOnly {
  #isWatching = false;

  readonly options: Pick<PoolConfig, 'verify'> = {
    verify: (client, done) => {
      // Some holders of a connection do not listen for its errors, and an unhandled one ends the process. The error shows
      // in their next query.
      client.on('error', () => undefined);
      this.#check(client).then(
        () => done(),
        (err: unknown) => done(err instanceof Error ? err : new Error('no reason given')),
      );
    },
  };

  /**
   * From now on, a server that does not answer for too long counts as dead. A machine that is gone closes no connection, and
   * the system would wait for a quarter of an hour. Call it after migrations, which may take long.
   */
  enableWatchdog(): void {
    this.#isWatching = true;
  }

  async #check(client: PoolClient): Promise<void> {
    this.#watch(socketOf(client));
    const { rows } = await client.query<{ standby: boolean }>(
      `SELECT pg_is_in_recovery() AS standby, ${SESSION}`,
    );
    if (rows[0]?.standby !== false) throw new NotPrimary();
  }

  #watch(socket: Socket): void {
    let answered = socket.bytesWritten;
    socket.setTimeout(SILENCE_MS);
    socket.on('data', () => (answered = socket.bytesWritten));
    socket.on('timeout', () => {
      if (!this.#isWatching || socket.bytesWritten === answered) return;
      socket.destroy(new Error('Connection terminated: PostgreSQL has not answered'));
    });
  }
}

function socketOf(client: PoolClient): Socket {
  const connection: unknown = 'connection' in client ? client.connection : undefined;
  if (typeof connection === 'object' && connection !== null && 'stream' in connection) {
    const { stream } = connection;
    if (stream instanceof Socket) return stream;
  }
  throw new TypeError('the driver’s connections have no socket');
}
