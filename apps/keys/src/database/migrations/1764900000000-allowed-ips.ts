import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The addresses from which alone a key may be used. Like everything else set at creation, they never change. */
export class AllowedIps1764900000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE api_keys
        ADD COLUMN allowed_ips text[] CHECK (cardinality(allowed_ips) BETWEEN 1 AND 50);
    `);
    await queryRunner.query(staysFixed(', NEW.allowed_ips', ', OLD.allowed_ips'));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(staysFixed('', ''));
    await queryRunner.query('ALTER TABLE api_keys DROP COLUMN allowed_ips');
  }
}

/** The trigger function with further columns that must not change. */
function staysFixed(further: string, furtherOld: string): string {
  return `
    CREATE OR REPLACE FUNCTION api_keys_stay_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF (NEW.id, NEW.owner_id, NEW.name, NEW.capabilities, NEW.secret_hash, NEW.last4, NEW.created_at,
          NEW.created_by, NEW.replaces, NEW.idempotency_key, NEW.request_digest, NEW.rate_limit_per_minute${further})
         IS DISTINCT FROM
         (OLD.id, OLD.owner_id, OLD.name, OLD.capabilities, OLD.secret_hash, OLD.last4, OLD.created_at,
          OLD.created_by, OLD.replaces, OLD.idempotency_key, OLD.request_digest, OLD.rate_limit_per_minute${furtherOld}) THEN
        RAISE EXCEPTION 'what a key is made with is fixed: revoke it and make another' USING ERRCODE = '23001';
      END IF;
      IF OLD.revoked_at IS NOT NULL AND
         (NEW.revoked_at, NEW.revoked_by, NEW.revocation_reason)
         IS DISTINCT FROM (OLD.revoked_at, OLD.revoked_by, OLD.revocation_reason) THEN
        RAISE EXCEPTION 'a revocation is final' USING ERRCODE = '23001';
      END IF;
      IF NEW.expires_at IS DISTINCT FROM OLD.expires_at AND
         (NEW.expires_at IS NULL OR NEW.expires_at > OLD.expires_at) THEN
        RAISE EXCEPTION 'an expiry may only come earlier' USING ERRCODE = '23001';
      END IF;
      RETURN NEW;
    END $$`;
}
