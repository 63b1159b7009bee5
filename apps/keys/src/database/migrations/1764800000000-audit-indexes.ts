import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Indexes by which audit events are listed, newest first. A key has few events, so those are sorted when they are read.
 * An operator may have created the indexes before: on a large table that takes longer than others can wait.
 */
export class AuditIndexes1764800000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE INDEX IF NOT EXISTS audit_events_at ON audit_events (at, id);
      CREATE INDEX IF NOT EXISTS audit_events_owner_at ON audit_events (owner_id, at, id);
      CREATE INDEX IF NOT EXISTS audit_events_action_at ON audit_events (action, at, id);
      DROP INDEX IF EXISTS audit_events_owner;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE INDEX audit_events_owner ON audit_events (owner_id, id);
      DROP INDEX audit_events_at, audit_events_owner_at, audit_events_action_at;
    `);
  }
}
