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

const DAY_MS = 86_400_000;

/** Milliseconds since 1970. */
const clock = z.tuple([z.object({ now: z.number() })]);
const locked = z.tuple([z.object({ locked: z.boolean() })]);

/** For how many days the activity of keys is kept. */
export class ActivityRetention {
  constructor(readonly days: number) {}
}

/** Has a partition of `key_activity` ready for each day (UTC), and drops those that are older than is kept. */
@Injectable()
export class KeepPartitions implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(KeepPartitions.name);
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
   * Makes the partitions from yesterday's, for reports that are late, to the day after tomorrow's: by PostgreSQL's clock,
   * since one replica whose clock is wrong would drop what all the others are to keep.
   */
  async execute(): Promise<void> {
    await this.database.transaction(async (manager) => {
      // The replica that has the lock does it for all. Waiting for the lock would time out, and end this one's start.
      const found: unknown = await manager.query('SELECT pg_try_advisory_xact_lock($1) AS locked', [LOCK]);
      if (!locked.parse(found)[0].locked) return;
      const [{ now }] = clock.parse(
        await manager.query('SELECT (extract(epoch FROM now()) * 1000)::float8 AS now'),
      );
      for (const days of [-1, 0, 1, 2]) {
        const day = dayAt(now + days * DAY_MS);
        await manager.query(
          `CREATE TABLE IF NOT EXISTS ${nameOf(day)} PARTITION OF key_activity
              FOR VALUES FROM ('${day}T00:00:00Z') TO ('${dayAt(now + (days + 1) * DAY_MS)}T00:00:00Z')`,
        );
      }
      const oldest = nameOf(dayAt(now - this.retention.days * DAY_MS));
      const partitions = z
        .array(z.object({ name: z.string() }))
        .parse(
          await manager.query(
            `SELECT relid::text AS name FROM pg_partition_tree('key_activity') WHERE level = 1`,
          ),
        );
      for (const { name } of partitions) if (name < oldest) await manager.query(`DROP TABLE ${name}`);
    });
  }
}

/** `2026-11-24`, in UTC. */
function dayAt(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}

/** Their names are in the order of their days. */
function nameOf(day: string): string {
  return `key_activity_${day.replaceAll('-', '_')}`;
}
