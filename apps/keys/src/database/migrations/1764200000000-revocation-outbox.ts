import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Changes that gateways must learn of: added with the change, removed once they are in the revocation log. */
export class RevocationOutbox1764200000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE revocation_outbox (
        id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        kind   text NOT NULL CHECK (kind IN ('key', 'owner')),
        target text NOT NULL,
        put_at timestamptz NOT NULL DEFAULT clock_timestamp()
      );

      CREATE FUNCTION revocation_outbox_rings() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        NOTIFY revocation_outbox;
        RETURN NULL;
      END $$;
      CREATE TRIGGER revocation_outbox_rings AFTER INSERT ON revocation_outbox
        FOR EACH STATEMENT EXECUTE FUNCTION revocation_outbox_rings();
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE revocation_outbox;
      DROP FUNCTION revocation_outbox_rings;
    `);
  }
}
