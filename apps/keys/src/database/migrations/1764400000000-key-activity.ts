import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What keys were used for: a row for each hour, route, status and address, in a partition per day, so that old rows are
 * removed by dropping a table. The service creates and drops the partitions; see activity/partition-maintenance.ts.
 */
export class KeyActivity1764400000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE key_activity (
        key_id   uuid NOT NULL,
        hour     timestamptz NOT NULL,
        route    text NOT NULL,
        status   smallint NOT NULL,
        address  text NOT NULL,
        count    bigint NOT NULL CHECK (count > 0),
        first_at timestamptz NOT NULL,
        last_at  timestamptz NOT NULL,
        PRIMARY KEY (key_id, hour, route, status, address)
      ) PARTITION BY RANGE (hour)
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE key_activity');
  }
}
