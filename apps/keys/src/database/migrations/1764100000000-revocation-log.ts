import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The identity of the log that gateways may cache under: one row, whose generation only increases. */
export class RevocationLog1764100000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE revocation_log (
        one        boolean PRIMARY KEY DEFAULT true CHECK (one),
        identity   text NOT NULL,
        generation integer NOT NULL DEFAULT 1 CHECK (generation > 0)
      );

      CREATE FUNCTION revocation_log_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.generation <> OLD.generation + 1 THEN
          RAISE EXCEPTION 'a generation follows the one before' USING ERRCODE = '23001';
        END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER revocation_log_moves_on BEFORE UPDATE ON revocation_log
        FOR EACH ROW EXECUTE FUNCTION revocation_log_moves_on();
      CREATE TRIGGER revocation_log_stays BEFORE DELETE OR TRUNCATE ON revocation_log
        FOR EACH STATEMENT EXECUTE FUNCTION never_allowed();
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE revocation_log;
      DROP FUNCTION revocation_log_moves_on;
    `);
  }
}
