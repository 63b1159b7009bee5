import type { EntityManager } from 'typeorm';
import { z } from 'zod';

const answer = z.tuple([z.object({ passed: z.boolean() })]);

/** Whether a moment has passed by PostgreSQL's clock, which alone decides when keys expire: replicas' may be wrong. */
export async function hasPassed(manager: EntityManager, moment: Date): Promise<boolean> {
  const [{ passed }] = answer.parse(
    await manager.query('SELECT $1::timestamptz <= now() AS passed', [moment]),
  );
  return passed;
}
