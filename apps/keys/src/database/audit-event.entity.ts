import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** What can happen to owners and keys. */
export type AuditAction =
  | 'owner.created'
  | 'owner.changed'
  | 'owner.suspended'
  | 'owner.resumed'
  | 'key.issued'
  | 'key.expiry_set'
  | 'key.revoked';

/** Something that happened, written in the transaction that made it happen. Never changed, never deleted. */
@Entity('audit_events')
export class AuditEventEntity {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' })
  id!: string;

  @CreateDateColumn({ type: 'timestamptz' })
  at!: Date;

  @Column({ type: 'text' })
  action!: AuditAction;

  /** Who asked for it. */
  @Column({ type: 'text' })
  actor!: string;

  @Column({ type: 'text', name: 'owner_id' })
  ownerId!: string;

  /** The public id of the key, when it is about one. */
  @Column({ type: 'text', name: 'key_id', nullable: true })
  keyId!: string | null;

  @Column({ type: 'jsonb' })
  details!: object;
}
