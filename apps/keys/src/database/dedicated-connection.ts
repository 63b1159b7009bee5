import { EventEmitter } from 'node:events';
import { Logger } from '@nestjs/common';
import type { DataSource, QueryRunner } from 'typeorm';

/** How often the connection is checked, in milliseconds: an idle one does not show that its server is gone. */
const CHECK_EVERY_MS = 5000;

/** A pool connection that is kept for things that last as long as a session: LISTEN and advisory locks. */
export class DedicatedConnection {
  readonly #logger = new Logger(DedicatedConnection.name);
  readonly #database: DataSource;
  readonly #setUp: (session: QueryRunner) => Promise<void>;
  readonly #onNotification: () => void;
  readonly #use: string;
  /** Returns the connection to the pool, while there is one. */
  #giveBack: (() => Promise<void>) | undefined;
  /** Runs a statement on it, so that it is closed if its server is gone. */
  #check: (() => Promise<void>) | undefined;
  /** The last statement: a connection runs one at a time. */
  #used: Promise<void> = Promise.resolve();
  #taking: Promise<void> | undefined;
  #checkedAt = -Infinity;
  #isOver = false;

  constructor(parts: {
    database: DataSource;
    /** Runs in each new session. If it rejects, the connection is not kept. */
    setUp: (session: QueryRunner) => Promise<void>;
    onNotification?: () => void;
    /** A statement to check the connection with, which changes nothing. */
    use?: string;
  }) {
    this.#database = parts.database;
    this.#setUp = parts.setUp;
    this.#onNotification = parts.onNotification ?? (() => undefined);
    this.#use = parts.use ?? 'SELECT 1';
  }

  /** Gets and sets up a connection unless there is one. Call it now and then, so that a lost one is replaced. */
  async hold(): Promise<void> {
    if (this.#isOver) return;
    if (this.#giveBack === undefined)
      await (this.#taking ??= this.#take().finally(() => (this.#taking = undefined)));
    else this.#checkNowAndThen();
  }

  /** Checks the connection. Rejects if there is none, or if it does not answer. */
  use(): Promise<void> {
    const useNow = async (): Promise<void> => {
      if (this.#check === undefined) throw new Error('the connection was lost');
      await this.#check();
    };
    this.#used = this.#used.then(useNow, useNow);
    return this.#used;
  }

  async #take(): Promise<void> {
    const session = this.#database.createQueryRunner();
    const connection: unknown = await session.connect();
    if (!(connection instanceof EventEmitter)) throw new TypeError('the driver’s connections emit no events');
    const giveBack = async (): Promise<void> => {
      this.#giveBack = undefined;
      this.#check = undefined;
      connection.off('notification', this.#onNotification).off('end', lost);
      await session.release();
    };
    const lost = (): void => {
      giveBack().catch((err: unknown) =>
        this.#logger.debug({ err, msg: 'a lost connection was not returned to the pool' }),
      );
    };
    connection.on('notification', this.#onNotification).on('end', lost);
    try {
      await this.#setUp(session);
    } catch (err) {
      await giveBack();
      throw err;
    }
    this.#giveBack = giveBack;
    this.#check = async () => {
      if (session.isReleased) throw new Error('the connection was lost');
      await session.query(this.#use);
    };
  }

  #checkNowAndThen(): void {
    if (performance.now() - this.#checkedAt < CHECK_EVERY_MS) return;
    this.#checkedAt = performance.now();
    // A failure shows in the connection's end event.
    this.use().catch(() => undefined);
  }

  /** Returns the connection to the pool and gets no other. */
  async release(): Promise<void> {
    this.#isOver = true;
    await this.#giveBack?.();
  }
}
