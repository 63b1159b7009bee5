import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Since when a key is paused; null: it is not. */
export class KeyPause1765000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE api_keys ADD COLUMN paused_at timestamptz');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE api_keys DROP COLUMN paused_at');
  }
}
