import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** Whose keys they are: a user of the dashboard, under the id that the dashboard gave them. */
@Entity('owners')
export class OwnerEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text' })
  email!: string;

  /** The address that was verified to be theirs. It may have changed since: see `isEmailVerified`. */
  @Column({ type: 'text', name: 'verified_email', nullable: true })
  verifiedEmail!: string | null;

  /** Who has told the address, such as `dashboard` or `cli`; null where that is not known. */
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
