import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Owners, their keys, and their audit events, with triggers that keep fixed what must not change. */
export class Keys1764000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE owners (
        id           text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 200),
        email        text NOT NULL,
        role         text NOT NULL,
        tier         text NOT NULL,
        suspended_at timestamptz,
        created_at   timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX owners_email ON owners (lower(email));

      CREATE TABLE api_keys (
        id                uuid PRIMARY KEY,
        owner_id          text NOT NULL REFERENCES owners (id),
        name              text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
        capabilities      text[] NOT NULL CHECK (cardinality(capabilities) > 0),
        secret_hash       text NOT NULL CHECK (secret_hash ~ '^\\$2[aby]\\$'),
        last4             text NOT NULL CHECK (length(last4) = 4),
        created_at        timestamptz NOT NULL DEFAULT now(),
        created_by        text NOT NULL,
        expires_at        timestamptz,
        last_used_at      timestamptz,
        replaces          uuid REFERENCES api_keys (id),
        revoked_at        timestamptz,
        revoked_by        text,
        revocation_reason text,
        idempotency_key   text,
        request_digest    bytea,
        CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
        CHECK (revoked_at IS NOT NULL OR revocation_reason IS NULL),
        CHECK ((idempotency_key IS NULL) = (request_digest IS NULL)),
        CONSTRAINT api_keys_idempotency UNIQUE (owner_id, idempotency_key)
      );
      CREATE INDEX api_keys_owner ON api_keys (owner_id, id);

      CREATE TABLE audit_events (
        id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at       timestamptz NOT NULL DEFAULT now(),
        action   text NOT NULL,
        actor    text NOT NULL,
        owner_id text NOT NULL,
        key_id   text,
        details  jsonb NOT NULL
      );
      CREATE INDEX audit_events_owner ON audit_events (owner_id, id);
      CREATE INDEX audit_events_key ON audit_events (key_id, id);
    `);

    await queryRunner.query(`
      CREATE FUNCTION api_keys_stay_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF (NEW.id, NEW.owner_id, NEW.name, NEW.capabilities, NEW.secret_hash, NEW.last4, NEW.created_at,
            NEW.created_by, NEW.replaces, NEW.idempotency_key, NEW.request_digest)
           IS DISTINCT FROM
           (OLD.id, OLD.owner_id, OLD.name, OLD.capabilities, OLD.secret_hash, OLD.last4, OLD.created_at,
            OLD.created_by, OLD.replaces, OLD.idempotency_key, OLD.request_digest) THEN
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
      END $$;
      CREATE TRIGGER api_keys_stay_fixed BEFORE UPDATE ON api_keys
        FOR EACH ROW EXECUTE FUNCTION api_keys_stay_fixed();

      CREATE FUNCTION never_allowed() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION '% on % is never allowed', TG_OP, TG_TABLE_NAME USING ERRCODE = '23001';
      END $$;
      CREATE TRIGGER api_keys_stay BEFORE DELETE OR TRUNCATE ON api_keys
        FOR EACH STATEMENT EXECUTE FUNCTION never_allowed();
      CREATE TRIGGER audit_events_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
        FOR EACH STATEMENT EXECUTE FUNCTION never_allowed();
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE audit_events, api_keys, owners;
      DROP FUNCTION api_keys_stay_fixed, never_allowed;
    `);
  }
}
