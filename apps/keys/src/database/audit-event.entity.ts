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

  /** The IP address of who requested it, if it is known. */
  @Column({ type: 'text', nullable: true })
  address!: string | null;

  /** The ID of the request, which is in the logs. */
  @Column({ type: 'text', name: 'request_id', nullable: true })
  requestId!: string | null;

  @Column({ type: 'text', name: 'owner_id' })
  ownerId!: string;

  /** The public ID of the key, if the event is about one. */
  @Column({ type: 'text', name: 'key_id', nullable: true })
  keyId!: string | null;

  @Column({ type: 'jsonb' })
  details!: object;
}
