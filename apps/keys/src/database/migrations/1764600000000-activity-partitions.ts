import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A function creates and drops the partitions of `key_activity` with the rights of the tables' owner, so that the role
 * that the service runs with need not own a table. A caller can do nothing else with it: days (UTC) come from
 * PostgreSQL's clock, and yesterday's partition and later ones stay, however few days are to be kept. Its search path is
 * fixed, since a caller could put other tables into its own.
 */
export class ActivityPartitions1764600000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE FUNCTION keep_activity_partitions(kept_days integer) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER AS $$
      DECLARE
        today date := (now() AT TIME ZONE 'UTC')::date;
        oldest text := 'key_activity_' || to_char(today - greatest(kept_days, 1), 'YYYY_MM_DD');
        day date;
        name text;
      BEGIN
        FOR day IN SELECT today + days FROM generate_series(-1, 2) AS days LOOP
          EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF key_activity FOR VALUES FROM (%L) TO (%L)',
                         'key_activity_' || to_char(day, 'YYYY_MM_DD'),
                         to_char(day, 'YYYY-MM-DD') || 'T00:00:00Z',
                         to_char(day + 1, 'YYYY-MM-DD') || 'T00:00:00Z');
        END LOOP;
        FOR name IN SELECT relname FROM pg_partition_tree('key_activity') JOIN pg_class ON pg_class.oid = relid
                     WHERE level = 1 AND relname < oldest LOOP
          EXECUTE format('DROP TABLE %I', name);
        END LOOP;
      END $$;
      REVOKE ALL ON FUNCTION keep_activity_partitions FROM PUBLIC;
      DO $$
      BEGIN
        EXECUTE format('ALTER FUNCTION keep_activity_partitions SET search_path = %I, pg_temp', current_schema());
      END $$;
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP FUNCTION keep_activity_partitions');
  }
}
