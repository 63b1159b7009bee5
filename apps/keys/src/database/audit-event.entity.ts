import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** Something that happened, written in the transaction that made it happen. Never changed or deleted. */
@Entity('audit_events')
export class AuditEventEntity {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' })
  id!: string;

  @CreateDateColumn({ type: 'timestamptz' })
  at!: Date;

  /** An `AuditAction`, or one of a newer version. */
  @Column({ type: 'text' })
  action!: string;

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
