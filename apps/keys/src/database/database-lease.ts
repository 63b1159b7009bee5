import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type DataSource, QueryFailedError, type QueryRunner } from 'typeorm';
import { z } from 'zod';
import { lockNumber } from '#libs/postgres';
import { systemClock } from '#libs/clock';
import { StartError } from '#libs/service';
import { DedicatedConnection } from './dedicated-connection.js';

const LOCK = lockNumber('keys: who serves the database');

/** How often the lease is checked, in milliseconds. */
const EVERY_MS = 500;

/** How often it is tried to end an earlier session of this process, in milliseconds. */
const LOOK_EVERY_MS = 20;

const locked = z.tuple([z.object({ locked: z.boolean() })]);
const backend = z.tuple([z.object({ pid: z.number(), startedAt: z.string() })]);
type Backend = z.output<typeof backend>[0];

const OURS = `
  FROM pg_stat_activity WHERE (pid, backend_start::text) IN (SELECT * FROM unnest($1::int[], $2::text[]))`;

/** Ends sessions, once the session with the given process number waits for a lock. */
const END_SESSIONS = `
  SELECT pg_terminate_backend(pid) ${OURS}
     AND EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND pid = $3)`;

/** A lock was not granted in time: PostgreSQL’s error lock_not_available. */
const notGranted = z.object({ code: z.literal('55P03') });

/**
 * The lease on a database. Either keys services that share a revocation log in Redis hold it together, or one process
 * with a log of its own holds it alone. It is an advisory lock, and so lasts as long as its session. A second process
 * would not learn what the one that is alone revokes, so a process that loses the lease to another must end at once.
 */
@Injectable()
export class DatabaseLease implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(DatabaseLease.name);
  readonly #connection: DedicatedConnection;
  readonly #database: DataSource;
  readonly #isAlone: boolean;
  readonly #stopping = new AbortController();
  /** Sessions of this process that PostgreSQL may not have ended yet, including the current one. */
  #sessions: readonly Backend[] = [];
  /** When the current session acquired the lease, on this process's clock. */
  #since = Infinity;
  #confirming: Promise<number> | undefined;
  #confirmingNext: Promise<number> | undefined;
  #checking: Promise<void> = Promise.resolve();
  #resolveTaken: (taken: StartError) => void = () => undefined;
  /** Resolves, with a message for the operator, once another process has taken the lease that this one held. */
  readonly taken = new Promise<StartError>((resolve) => (this.#resolveTaken = resolve));

  constructor(database: DataSource, isAlone: boolean) {
    this.#database = database;
    this.#isAlone = isAlone;
    this.#connection = new DedicatedConnection({ database, setUp: (session) => this.#take(session) });
  }

  /** Acquires the lease, also after its session was lost. Rejects with a {@link StartError} if another process has it. */
  hold(): Promise<void> {
    return this.#connection.hold();
  }

  /**
   * Asks the database whether the lease is held. Resolves with the time on this process's clock since when it has been
   * held without interruption; rejects when that is not certain. Concurrent calls share a query that is sent after them.
   */
  confirm(): Promise<number> {
    if (this.#confirming === undefined) return this.#confirmNow();
    this.#confirmingNext ??= this.#confirming.then(
      () => this.#confirmNow(),
      () => this.#confirmNow(),
    );
    return this.#confirmingNext;
  }

  onApplicationBootstrap(): void {
    this.#checking = this.#keepHolding();
  }

  async onModuleDestroy(): Promise<void> {
    this.#stopping.abort();
    await this.#checking;
    await this.#connection.release();
  }

  #confirmNow(): Promise<number> {
    this.#confirmingNext = undefined;
    this.#confirming = this.#ask().finally(() => (this.#confirming = undefined));
    return this.#confirming;
  }

  async #ask(): Promise<number> {
    await this.hold();
    const since = this.#since;
    await this.#connection.use();
    if (since !== this.#since)
      throw new Error('the lease on the database was lost and acquired again just now');
    return since;
  }

  async #keepHolding(): Promise<void> {
    let isDown = false;
    while (!this.#stopping.signal.aborted) {
      try {
        await this.hold();
        if (isDown) this.#logger.warn('the lease on the database is held again');
        isDown = false;
      } catch (err) {
        if (err instanceof StartError) this.#resolveTaken(err);
        if (!isDown) this.#logger.error({ err, msg: 'the lease on the database is not held' });
        isDown = true;
      }
      await systemClock.wait(EVERY_MS, this.#stopping.signal);
    }
  }

  async #take(session: QueryRunner): Promise<void> {
    const found: unknown = await session.query(
      'SELECT pid, backend_start::text AS "startedAt" FROM pg_stat_activity WHERE pid = pg_backend_pid()',
    );
    const [present] = backend.parse(found);
    const before = this.#sessions;
    // Recorded before the lock is requested: if the connection breaks meanwhile, the next session can end this one.
    this.#sessions = [...before, present];
    if (!(await this.#tryLock(session)) && !(await this.#takeFrom(before, session, present)))
      throw new StartError(refusal(this.#isAlone));
    this.#since = systemClock.now();
    this.#sessions = [present];
  }

  get #lock(): string {
    return this.#isAlone ? 'advisory_lock' : 'advisory_lock_shared';
  }

  async #tryLock(session: QueryRunner): Promise<boolean> {
    return locked.parse(await session.query(`SELECT pg_try_${this.#lock}($1) AS locked`, [LOCK]))[0].locked;
  }

  /**
   * PostgreSQL may not have noticed that an earlier connection broke, so that our old session still holds the lock. It is
   * ended once the present one waits for the lock: PostgreSQL grants it to those who wait before those who try, so no other
   * process gets in between.
   */
  async #takeFrom(before: readonly Backend[], session: QueryRunner, { pid }: Backend): Promise<boolean> {
    const ours = [before.map((backend) => backend.pid), before.map((backend) => backend.startedAt)];
    if (!(await this.#isThere(ours))) return this.#tryLock(session);
    const waited = new AbortController();
    const waiting = this.#waitForLock(session).finally(() => {
      waited.abort();
    });
    waiting.catch(() => undefined); // It is awaited below.
    while (!waited.signal.aborted) {
      await this.#database.query(END_SESSIONS, [...ours, pid]);
      await systemClock.wait(LOOK_EVERY_MS, waited.signal);
    }
    if (await waiting) return true;
    // Nobody has taken it: on a busy database, ending our own session has taken too long. It is tried again.
    if (await this.#isThere(ours)) throw new Error('an earlier session of this process still has the lease');
    return false;
  }

  /** Whether PostgreSQL has any of these sessions. */
  async #isThere(sessions: readonly unknown[][]): Promise<boolean> {
    const found: unknown[] = await this.#database.query(`SELECT ${OURS}`, [...sessions]);
    return found.length > 0;
  }

  /** Resolves with whether the lock was granted within the session's `lock_timeout`. */
  async #waitForLock(session: QueryRunner): Promise<boolean> {
    try {
      await session.query(`SELECT pg_${this.#lock}($1)`, [LOCK]);
      return true;
    } catch (err) {
      if (err instanceof QueryFailedError && notGranted.safeParse(err.driverError).success) return false;
      throw err;
    }
  }
}

function refusal(isAlone: boolean): string {
  return isAlone
    ? 'Another keys service uses this database. npm start keeps revocations within its process, so it must be the only one: stop the other, or run keys and gateway with Redis (docs/docker.md).'
    : 'An npm start uses this database, and keeps revocations within its process: stop it first.';
}
