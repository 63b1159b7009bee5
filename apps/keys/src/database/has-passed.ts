import type { EntityManager } from 'typeorm';
import { z } from 'zod';

const answer = z.tuple([z.object({ passed: z.boolean() })]);

/** Whether a moment is over by PostgreSQL's clock, the only one that decides when keys expire: replicas' may be wrong. */
export async function hasPassed(manager: EntityManager, moment: Date): Promise<boolean> {
  const [{ passed }] = answer.parse(
    await manager.query('SELECT $1::timestamptz <= now() AS passed', [moment]),
  );
  return passed;
}
