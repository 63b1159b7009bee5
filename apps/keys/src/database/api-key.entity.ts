import { Column, CreateDateColumn, Entity, PrimaryColumn, VirtualColumn } from 'typeorm';
import { type KeyId, keyIdFromUuid, keyIdToUuid } from '#libs/key-format';

/** In the code a key's ID is the base62 text that is part of the key; in PostgreSQL it is a UUID. */
const keyIdAsUuid = {
  to: (id: KeyId | null | undefined) => (id ? keyIdToUuid(id) : id),
  from: (uuid: string | null) => (uuid === null ? null : keyIdFromUuid(uuid)),
};

/**
 * A stored key. Triggers keep fixed what is set at creation: only `expiresAt` may come earlier, `lastUsedAt` and `pausedAt`
 * may move, and a revocation may be written once.
 */
@Entity('api_keys')
export class ApiKeyEntity {
  @PrimaryColumn({ type: 'uuid', transformer: keyIdAsUuid })
  id!: KeyId;

  @Column({ type: 'text', name: 'owner_id' })
  ownerId!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text', array: true })
  capabilities!: string[];

  /** bcrypt of the key's 32-character secret. Only verification reads it. */
  @Column({ type: 'text', name: 'secret_hash', select: false })
  secretHash!: string;

  @Column({ type: 'text' })
  last4!: string;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @Column({ type: 'text', name: 'created_by' })
  createdBy!: string;

  @Column({ type: 'timestamptz', name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  /** When the expiry was changed; null: it is the one that the key was created with. */
  @Column({ type: 'timestamptz', name: 'expiry_set_at', nullable: true, select: false })
  expirySetAt!: Date | null;

  /** Whether it had expired when it was read, by PostgreSQL's clock: a replica's clock may be wrong. */
  @VirtualColumn({ type: 'boolean', query: (key) => `coalesce(${key}.expires_at <= now(), false)` })
  hasExpired!: boolean;

  @Column({ type: 'timestamptz', name: 'last_used_at', nullable: true })
  lastUsedAt!: Date | null;

  @Column({ type: 'uuid', nullable: true, transformer: keyIdAsUuid })
  replaces!: KeyId | null;

  /** Requests per minute; null: the deployment's default. */
  @Column({ type: 'integer', name: 'rate_limit_per_minute', nullable: true })
  rateLimitPerMinute!: number | null;

  /** Addresses and networks, always written the same way; null: any. */
  @Column({ type: 'text', name: 'allowed_ips', array: true, nullable: true })
  allowedIps!: string[] | null;

  /** Null: it is not paused. */
  @Column({ type: 'timestamptz', name: 'paused_at', nullable: true })
  pausedAt!: Date | null;

  /** When others were first reported to have seen it; null: never. */
  @VirtualColumn({
    type: 'timestamptz',
    query: (key) => `(SELECT at FROM key_exposures WHERE key_id = ${key}.id ORDER BY id LIMIT 1)`,
  })
  exposedAt!: Date | null;

  /** Where that report came from. */
  @VirtualColumn({
    type: 'text',
    query: (key) => `(SELECT source FROM key_exposures WHERE key_id = ${key}.id ORDER BY id LIMIT 1)`,
  })
  exposureSource!: string | null;

  @Column({ type: 'timestamptz', name: 'revoked_at', nullable: true })
  revokedAt!: Date | null;

  @Column({ type: 'text', name: 'revoked_by', nullable: true })
  revokedBy!: string | null;

  @Column({ type: 'text', name: 'revocation_reason', nullable: true })
  revocationReason!: string | null;

  /** The Idempotency-Key of the request that created it, and a digest of that request. */
  @Column({ type: 'text', name: 'idempotency_key', nullable: true, select: false })
  idempotencyKey!: string | null;

  @Column({ type: 'bytea', name: 'request_digest', nullable: true, select: false })
  requestDigest!: Buffer | null;
}
