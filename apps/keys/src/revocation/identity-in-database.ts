import type { DataSource } from 'typeorm';
import { z } from 'zod';
import type { IdentityRecord, Recorded } from '#libs/revocations';

const rows = z
  .array(z.object({ identity: z.string(), generation: z.number(), isSettled: z.boolean() }))
  .max(1);

/** The identity of the log, in PostgreSQL's table `revocation_log`. */
export class IdentityInDatabase implements IdentityRecord {
  constructor(private readonly database: DataSource) {}

  async read(): Promise<Recorded | null> {
    const found: unknown = await this.database.query(
      'SELECT identity, generation, settled_generation = generation AS "isSettled" FROM revocation_log',
    );
    return rows.parse(found)[0] ?? null;
  }

  async replace(before: Recorded | null, identity: string): Promise<Recorded> {
    // If several replicas see the same change, the first writes it, and the others find it written.
    if (before === null) {
      await this.database.query('INSERT INTO revocation_log (identity) VALUES ($1) ON CONFLICT DO NOTHING', [
        identity,
      ]);
    } else {
      await this.database.query(
        'UPDATE revocation_log SET identity = $1, generation = generation + 1 WHERE generation = $2',
        [identity, before.generation],
      );
    }
    const recorded = await this.read();
    if (recorded === null) throw new Error('the recorded identity of the revocation log is missing');
    return recorded;
  }

  async settle(generation: number): Promise<void> {
    await this.database.query(
      'UPDATE revocation_log SET settled_generation = generation WHERE generation = $1 AND settled_generation < $1',
      [generation],
    );
  }
}
