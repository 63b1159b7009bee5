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

/** Something that happened, written in the transaction that made it happen. Never changed or deleted. */
@Entity('audit_events')
export class AuditEventEntity {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' })
  id!: string;

  @CreateDateColumn({ type: 'timestamptz' })
  at!: Date;

  @Column({ type: 'text' })
  action!: AuditAction;

  /** Who requested it. */
  @Column({ type: 'text' })
  actor!: string;

  @Column({ type: 'text', name: 'owner_id' })
  ownerId!: string;

  /** The public ID of the key, if the event is about one. */
  @Column({ type: 'text', name: 'key_id', nullable: true })
  keyId!: string | null;

  @Column({ type: 'jsonb' })
  details!: object;
}
