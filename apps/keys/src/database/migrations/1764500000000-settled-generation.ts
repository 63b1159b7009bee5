import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The generation of the log for which nothing cached under an earlier one is in use any more. It is a number and not a
 * flag, so that recording another identity makes it unsettled, even by a version that does not know the column.
 */
export class SettledGeneration1764500000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE revocation_log ADD COLUMN settled_generation integer NOT NULL DEFAULT 1;

      CREATE OR REPLACE FUNCTION revocation_log_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.generation = OLD.generation AND NEW.identity = OLD.identity
           AND NEW.settled_generation = NEW.generation THEN
          RETURN NEW;
        END IF;
        IF NEW.generation <> OLD.generation + 1 OR NEW.settled_generation <> OLD.settled_generation THEN
          RAISE EXCEPTION 'a generation follows the one before, and is settled later' USING ERRCODE = '23001';
        END IF;
        RETURN NEW;
      END $$;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE OR REPLACE FUNCTION revocation_log_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.generation <> OLD.generation + 1 THEN
          RAISE EXCEPTION 'a generation follows the one before' USING ERRCODE = '23001';
        END IF;
        RETURN NEW;
      END $$;
      ALTER TABLE revocation_log DROP COLUMN settled_generation;
    `);
  }
}
