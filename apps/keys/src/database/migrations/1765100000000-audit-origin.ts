import type { MigrationInterface, QueryRunner } from 'typeorm';

/** From which address an audited change was made, and in which request. */
export class AuditOrigin1765100000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE audit_events ADD COLUMN address text, ADD COLUMN request_id text');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE audit_events DROP COLUMN address, DROP COLUMN request_id');
  }
}
