import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Which address of an owner is verified, and by whom. It is the address and not a flag, so that when a version that does
 * not know the column changes an owner's address, the new one is not verified.
 */
export class OwnerEmail1764700000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE owners
        ADD COLUMN verified_email text,
        ADD COLUMN email_source text CHECK (length(email_source) BETWEEN 1 AND 32)
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE owners DROP COLUMN verified_email, DROP COLUMN email_source');
  }
}
