import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** Whom keys belong to: a user of the dashboard, under the ID that the dashboard gave them. */
@Entity('owners')
export class OwnerEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text' })
  email!: string;

  /** The address that was verified. `email` may have changed since: see `isEmailVerified`. */
  @Column({ type: 'text', name: 'verified_email', nullable: true })
  verifiedEmail!: string | null;

  /** What supplied the address, such as `dashboard` or `cli`; null if not known. */
  @Column({ type: 'text', name: 'email_source', nullable: true })
  emailSource!: string | null;

  @Column({ type: 'text' })
  role!: string;

  @Column({ type: 'text' })
  tier!: string;

  /** While set, none of the owner's keys is accepted. */
  @Column({ type: 'timestamptz', name: 'suspended_at', nullable: true })
  suspendedAt!: Date | null;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  get isEmailVerified(): boolean {
    return this.verifiedEmail === this.email;
  }
}
