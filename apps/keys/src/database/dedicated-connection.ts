import { EventEmitter } from 'node:events';
import { Logger } from '@nestjs/common';
import type { DataSource, QueryRunner } from 'typeorm';

/** How often a held connection is used, in milliseconds, since one that rests does not show that its server is gone. */
const CHECK_EVERY_MS = 5000;

/** A connection of the pool that is kept for what lasts as long as a session does: listening, and advisory locks. */
export class DedicatedConnection {
  readonly #logger = new Logger(DedicatedConnection.name);
  readonly #database: DataSource;
  readonly #setUp: (session: QueryRunner) => Promise<void>;
  readonly #onNotification: () => void;
  readonly #use: string;
  /** Gives the connection back, while there is one. */
  #giveBack: (() => Promise<void>) | undefined;
  /** Uses it, so that it ends if its server is gone. */
  #check: (() => Promise<void>) | undefined;
  /** The last use: a connection runs one statement at a time. */
  #used: Promise<void> = Promise.resolve();
  #taking: Promise<void> | undefined;
  #checkedAt = -Infinity;
  #isOver = false;

  constructor(parts: {
    database: DataSource;
    /** Run in each new session. When it rejects, the connection is not kept. */
    setUp: (session: QueryRunner) => Promise<void>;
    onNotification?: () => void;
    /** A statement to use it by, which changes nothing. */
    use?: string;
  }) {
    this.#database = parts.database;
    this.#setUp = parts.setUp;
    this.#onNotification = parts.onNotification ?? (() => undefined);
    this.#use = parts.use ?? 'SELECT 1';
  }

  /** Takes a connection and sets it up, unless there is one. To be called now and then: a lost one is taken again. */
  async hold(): Promise<void> {
    if (this.#isOver) return;
    if (this.#giveBack === undefined)
      await (this.#taking ??= this.#take().finally(() => (this.#taking = undefined)));
    else this.#checkNowAndThen();
  }

  /** Uses the connection. Rejects when there is none, or when it does not answer. */
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
    if (!(connection instanceof EventEmitter)) throw new TypeError('the driver’s connections tell nothing');
    const giveBack = async (): Promise<void> => {
      this.#giveBack = undefined;
      this.#check = undefined;
      connection.off('notification', this.#onNotification).off('end', lost);
      await session.release();
    };
    const lost = (): void => {
      giveBack().catch((err: unknown) =>
        this.#logger.debug({ err, msg: 'a lost connection is not given back' }),
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
    // Whether it fails shows in the end of the connection.
    this.use().catch(() => undefined);
  }

  /** Gives the connection back, for good. */
  async release(): Promise<void> {
    this.#isOver = true;
    await this.#giveBack?.();
  }
}
