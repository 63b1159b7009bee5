import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What owners have been sent by email today, and what waits for the next email that has several things together. */
export class EmailDigests1765510000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE email_recipients (
        owner_id  text PRIMARY KEY REFERENCES owners,
        day       date NOT NULL,
        sent      integer NOT NULL,
        digest_at timestamptz
      );
      CREATE TABLE email_digest_entries (
        id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        owner_id text NOT NULL,
        news     jsonb NOT NULL,
        at       timestamptz NOT NULL
      );
      CREATE INDEX email_digest_entries_owner ON email_digest_entries (owner_id, id);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE email_digest_entries, email_recipients');
  }
}
