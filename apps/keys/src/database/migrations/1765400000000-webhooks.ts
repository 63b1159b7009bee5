import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where events are sent. Secrets are derived from `WEBHOOK_SECRET`, so that none is stored. */
export class Webhooks1765400000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE webhook_endpoints (
        id                text PRIMARY KEY,
        url               text NOT NULL,
        description       text,
        events            text[] NOT NULL,
        secret_version    integer NOT NULL DEFAULT 1,
        secret_rotated_at timestamptz,
        enabled           boolean NOT NULL DEFAULT true,
        disabled_reason   text,
        failing_since     timestamptz,
        created_at        timestamptz NOT NULL DEFAULT now(),
        created_by        text NOT NULL,
        CHECK (NOT enabled OR disabled_reason IS NULL)
      )
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE webhook_endpoints');
  }
}
