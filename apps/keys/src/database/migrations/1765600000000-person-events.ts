import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Events of people who sign in, each recorded once under the ID that its sender has given it, and an index by which the
 * events of an actor are listed, newest first. An operator may have created that before, as in `AuditIndexes`.
 */
export class PersonEvents1765600000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE audit_events ADD COLUMN source_id uuid;
      CREATE UNIQUE INDEX audit_events_source ON audit_events (source_id) WHERE source_id IS NOT NULL;
      CREATE INDEX IF NOT EXISTS audit_events_actor_at ON audit_events (actor, at, id);
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP INDEX audit_events_actor_at;
      ALTER TABLE audit_events DROP COLUMN source_id;
    `);
  }
}
