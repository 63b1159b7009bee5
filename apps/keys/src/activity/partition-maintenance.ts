import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { lockNumber } from '#libs/postgres';

/** How often the calendar is looked at, in milliseconds. Partitions are made two days ahead. */
const EVERY_MS = 3_600_000;

/** And after that has failed. */
const RETRY_MS = 60_000;

/** One replica makes and drops partitions at a time, under it. */
const LOCK = lockNumber('keys: partitions of activity');

const locked = z.tuple([z.object({ locked: z.boolean() })]);

/** For how many days the activity of keys is kept. */
export class ActivityRetention {
  constructor(readonly days: number) {}
}

/** Has a partition of `key_activity` ready for each day (UTC), and drops those that are older than is kept. */
@Injectable()
export class PartitionMaintenance implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(PartitionMaintenance.name);
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: DataSource,
    private readonly retention: ActivityRetention,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.#keep();
  }

  async onModuleDestroy(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#working;
    clearTimeout(this.#timer);
  }

  /** A database that takes no changes at present must not keep the service from verifying keys. */
  async #keep(): Promise<void> {
    let nextMs = EVERY_MS;
    try {
      await this.execute();
    } catch (err) {
      this.#logger.error({ err, msg: 'partitions of key_activity cannot be kept: tried again in a minute' });
      nextMs = RETRY_MS;
    }
    this.#timer = setTimeout(() => {
      this.#working = this.#keep();
    }, nextMs);
  }

  /**
   * Makes the partitions from yesterday's, for reports that are late, to the day after tomorrow's, and drops what is too
   * old: by a function of the database, whose clock decides which day it is.
   */
  async execute(): Promise<void> {
    await this.database.transaction(async (manager) => {
      // The replica that has the lock does it for all. Waiting for the lock would time out, and end this one's start.
      const found: unknown = await manager.query('SELECT pg_try_advisory_xact_lock($1) AS locked', [LOCK]);
      if (!locked.parse(found)[0].locked) return;
      await manager.query('SELECT keep_activity_partitions($1)', [this.retention.days]);
    });
  }
}
