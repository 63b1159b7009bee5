import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What keys have done: a row for each hour, route, answer and address, in a partition for each day, so that what is too
 * old goes by dropping a table. Keys makes and drops them by itself; see activity/keep-partitions.ts.
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
