import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Messages to the outside world, such as webhooks and emails, and the destinations that are unavailable at the moment. */
export class Deliveries1765200000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE deliveries (
        id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        channel      text NOT NULL,
        destination  text NOT NULL,
        subject      text NOT NULL,
        message      jsonb NOT NULL,
        once         text,
        created_at   timestamptz NOT NULL,
        due_at       timestamptz NOT NULL,
        give_up_at   timestamptz NOT NULL,
        attempts     integer NOT NULL DEFAULT 0,
        delivered_at timestamptz,
        failed_at    timestamptz,
        last_error   text
      );
      CREATE UNIQUE INDEX deliveries_once ON deliveries (channel, destination, once) WHERE once IS NOT NULL;
      CREATE INDEX deliveries_open ON deliveries (channel, destination, subject, id)
        WHERE delivered_at IS NULL AND failed_at IS NULL;
      CREATE INDEX deliveries_destination ON deliveries (channel, destination, id);
      CREATE INDEX deliveries_created ON deliveries (created_at);

      CREATE TABLE delivery_pauses (
        channel     text NOT NULL,
        destination text NOT NULL,
        failures    integer NOT NULL,
        until       timestamptz NOT NULL,
        PRIMARY KEY (channel, destination)
      );
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE deliveries, delivery_pauses');
  }
}
