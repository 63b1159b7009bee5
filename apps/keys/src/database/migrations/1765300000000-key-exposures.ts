import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Reports that others have seen a key, which is never deleted. The same source and URL is the same report; without a URL,
 * the same source and address.
 */
export class KeyExposures1765300000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE key_exposures (
        id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        key_id  uuid NOT NULL,
        source  text NOT NULL CHECK (source ~ '^[a-z][a-z0-9_]{0,31}$'),
        url     text CHECK (length(url) BETWEEN 1 AND 500),
        address text CHECK (length(address) BETWEEN 1 AND 100),
        at      timestamptz NOT NULL DEFAULT now()
      );
      CREATE UNIQUE INDEX key_exposures_once ON key_exposures (key_id, source, coalesce(url, address, ''));
      CREATE TRIGGER key_exposures_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON key_exposures
        FOR EACH STATEMENT EXECUTE FUNCTION never_allowed();
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE key_exposures');
  }
}
