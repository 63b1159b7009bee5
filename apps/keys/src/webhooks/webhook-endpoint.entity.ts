import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** An address that events are sent to. */
@Entity('webhook_endpoints')
export class WebhookEndpointEntity {
  /** `we_` and 22 characters. */
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text' })
  url!: string;

  @Column({ type: 'text', nullable: true })
  description!: string | null;

  /** None: all. */
  @Column({ type: 'text', array: true })
  events!: string[];

  @Column({ type: 'integer', name: 'secret_version' })
  secretVersion!: number;

  /** The version before signs for a while after it. */
  @Column({ type: 'timestamptz', name: 'secret_rotated_at', nullable: true })
  secretRotatedAt!: Date | null;

  @Column({ type: 'boolean' })
  enabled!: boolean;

  @Column({ type: 'text', name: 'disabled_reason', nullable: true })
  disabledReason!: string | null;

  @Column({ type: 'timestamptz', name: 'failing_since', nullable: true })
  failingSince!: Date | null;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @Column({ type: 'text', name: 'created_by' })
  createdBy!: string;
}
