import { Socket } from 'node:net';
import type { PoolClient, PoolConfig } from 'pg';

/** How long an answer may take before the connection is taken for dead, in milliseconds: longer than any statement. */
const SILENCE_MS = 10_000;

/** A server that only follows the primary. Its SQLSTATE says that it takes no connection now, as one that starts does. */
class NotPrimary extends Error {
  override readonly name = 'NotPrimary';
  readonly code = '57P03';

  constructor() {
    super('this PostgreSQL is a standby: it may lag behind the primary');
  }
}

/**
 * What our statements and the driver go by, whatever the database or its user has set for its sessions: how values are
 * written, and that a statement sees what was committed before it. Without synchronous commits, a crash would take back
 * revocations that have returned; which of the others is right is the operator's choice.
 */
const SESSION = `
  set_config('datestyle', 'ISO, YMD', false),
  set_config('intervalstyle', 'postgres', false),
  set_config('timezone', 'UTC', false),
  set_config('bytea_output', 'hex', false),
  set_config('extra_float_digits', '1', false),
  set_config('standard_conforming_strings', 'on', false),
  set_config('default_transaction_isolation', 'read committed', false),
  set_config('synchronous_commit', coalesce(nullif(current_setting('synchronous_commit'), 'off'), 'on'), false)`;

/**
 * Makes the connections of a pool, by `options` for it: to the primary alone, and none outlives its server. A standby
 * may lack the last commits, and so find a key alive that is revoked. A session stays on the primary as long as it lasts,
 * and has the settings of {@link SESSION}.
 */
export class PrimaryOnly {
  #isImpatient = false;

  readonly options: Pick<PoolConfig, 'verify'> = {
    verify: (client, done) => {
      // Some who hold a connection do not listen for its errors, and one that nobody hears ends the process. It shows
      // in their next query.
      client.on('error', () => undefined);
      this.#check(client).then(
        () => done(),
        (err: unknown) => done(err instanceof Error ? err : new Error('no reason given')),
      );
    },
  };

  /**
   * From now on, a server that owes an answer for too long is taken for dead. A machine that is gone closes nothing, and
   * the system would wait for a quarter of an hour. To be called once the tables are there: setting them up takes its time.
   */
  enableWatchdog(): void {
    this.#isImpatient = true;
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
      if (!this.#isImpatient || socket.bytesWritten === answered) return;
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
  throw new TypeError('the driver’s connections show no socket');
}
