import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What was announced about keys: that they expire soon, have expired, or will be revoked since nobody uses them. A table of
 * its own, and not columns of the keys, so that no index has what a use of a key changes. It has no foreign key: keys stay.
 *
 * An operator may have created the index before: on a large table that takes longer than others can wait.
 */
export class KeyNotices1765500000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE api_keys ADD COLUMN expiry_set_at timestamptz;
      CREATE INDEX IF NOT EXISTS api_keys_expiry ON api_keys (expires_at, id)
        WHERE revoked_at IS NULL AND expires_at IS NOT NULL;

      CREATE TABLE key_notices (
        key_id    uuid NOT NULL,
        kind      text NOT NULL,
        about     timestamptz NOT NULL,
        revoke_at timestamptz,
        PRIMARY KEY (key_id, kind, about)
      );
      CREATE INDEX key_notices_revoke ON key_notices (revoke_at) WHERE revoke_at IS NOT NULL;
      CREATE INDEX key_notices_about ON key_notices (about) WHERE revoke_at IS NULL;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE key_notices;
      DROP INDEX api_keys_expiry;
      ALTER TABLE api_keys DROP COLUMN expiry_set_at;
    `);
  }
}
