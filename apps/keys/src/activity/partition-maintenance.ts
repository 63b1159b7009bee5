import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { repeat, systemClock } from '#libs/clock';
import { lockNumber } from '#libs/postgres';

/** How often it checks for missing and outdated partitions. They are created two days ahead. */
const EVERY_MS = 3_600_000;

/** How long it waits after a failure. */
const RETRY_MS = 60_000;

/** The advisory lock under which one replica at a time creates and drops partitions. */
const LOCK = lockNumber('keys: partitions of activity');

const locked = z.tuple([z.object({ locked: z.boolean() })]);

/** How many days the activity of keys is kept. */
export class ActivityRetention {
  constructor(readonly days: number) {}
}

/** Keeps a partition of `key_activity` ready for each day (UTC), and drops those older than `ActivityRetention`. */
@Injectable()
export class PartitionMaintenance implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(PartitionMaintenance.name);
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: DataSource,
    private readonly retention: ActivityRetention,
  ) {}

  /**
   * Resolves after the first run, so that the partitions exist before the first report arrives. It resolves even if that
   * run fails: a database that accepts no changes at the moment must not keep the service from verifying keys.
   */
  onApplicationBootstrap(): Promise<void> {
    return new Promise((hasRunOnce) => {
      this.#running = repeat(() => this.execute().finally(hasRunOnce), {
        clock: systemClock,
        everyMs: EVERY_MS,
        retryMs: RETRY_MS,
        signal: this.#stopping.signal,
        onOutage: (err) =>
          this.#logger.error({
            err,
            msg: 'cannot maintain the partitions of key_activity: retrying every minute',
          }),
        onRecovery: () => this.#logger.log('the partitions of key_activity are maintained again'),
      });
    });
  }

  async onModuleDestroy(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /**
   * Creates the partitions from yesterday's, for late reports, to the day after tomorrow's, and drops outdated ones. A
   * function of the database does it, so that PostgreSQL's clock decides which day it is.
   */
  async execute(): Promise<void> {
    await this.database.transaction(async (manager) => {
      // The replica that has the lock does it for all. Waiting for the lock would time out, and stop this replica's start.
      const found: unknown = await manager.query('SELECT pg_try_advisory_xact_lock($1) AS locked', [LOCK]);
      if (!locked.parse(found)[0].locked) return;
      await manager.query('SELECT keep_activity_partitions($1)', [this.retention.days]);
    });
  }
}
