import { EventEmitter } from 'node:events';
import type { DataSource, QueryRunner } from 'typeorm';

/** A connection of the pool that is kept for what lasts as long as a session does: listening, and advisory locks. */
export class HeldConnection {
  readonly #database: DataSource;
  readonly #setUp: (session: QueryRunner) => Promise<void>;
  readonly #onNotification: () => void;
  /** Gives the connection back, while there is one. */
  #giveBack: (() => Promise<void>) | undefined;
  #isOver = false;

  constructor(parts: {
    database: DataSource;
    /** Run in each new session. When it rejects, the connection is not kept. */
    setUp: (session: QueryRunner) => Promise<void>;
    onNotification?: () => void;
  }) {
    this.#database = parts.database;
    this.#setUp = parts.setUp;
    this.#onNotification = parts.onNotification ?? (() => undefined);
  }

  /** Takes a connection and sets it up, unless there is one. To be called now and then: a lost one is taken anew. */
  async hold(): Promise<void> {
    if (this.#giveBack !== undefined || this.#isOver) return;
    const session = this.#database.createQueryRunner();
    const connection: unknown = await session.connect();
    if (!(connection instanceof EventEmitter)) throw new TypeError('the driver’s connections tell nothing');
    const giveBack = async (): Promise<void> => {
      this.#giveBack = undefined;
      connection.off('notification', this.#onNotification).off('end', lost);
      await session.release();
    };
    const lost = (): void => void giveBack();
    connection.on('notification', this.#onNotification).on('end', lost);
    this.#giveBack = giveBack;
    try {
      await this.#setUp(session);
    } catch (err) {
      await giveBack();
      throw err;
    }
  }

  /** Gives the connection back, for good. */
  async release(): Promise<void> {
    this.#isOver = true;
    await this.#giveBack?.();
  }
}
