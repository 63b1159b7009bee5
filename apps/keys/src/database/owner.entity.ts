import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** Whose keys they are: a user of the dashboard, under the id that the dashboard gave them. */
@Entity('owners')
export class OwnerEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text' })
  email!: string;

  @Column({ type: 'text' })
  role!: string;

  @Column({ type: 'text' })
  tier!: string;

  /** While set, none of the owner's keys is accepted. */
  @Column({ type: 'timestamptz', name: 'suspended_at', nullable: true })
  suspendedAt!: Date | null;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;
}
