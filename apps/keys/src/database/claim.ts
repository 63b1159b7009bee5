import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { StartError } from '#libs/service';
import { HeldConnection } from './held-connection.js';

/** Any number that nobody else takes. */
const LOCK = 7_104_210_120;

const locked = z.tuple([z.object({ locked: z.boolean() })]);

/**
 * The claim on a database by those who serve it: keys services that share a log of revocations in Redis, or one alone
 * whose log lives in its process. Beside that one, another would not hear of what is revoked.
 */
@Injectable()
export class Claim implements OnModuleDestroy {
  readonly #connection: HeldConnection;

  constructor(database: DataSource, isAlone: boolean) {
    const lock = isAlone ? 'pg_try_advisory_lock' : 'pg_try_advisory_lock_shared';
    const refusal = isAlone
      ? 'Another keys service uses this database. npm start keeps revocations within its process, so it must be the only one: stop the other, or run keys and gateway with Redis (docs/docker.md).'
      : 'An npm start uses this database, and keeps revocations within its process: stop it first.';
    this.#connection = new HeldConnection({
      database,
      setUp: async (session) => {
        const [{ locked: isOurs }] = locked.parse(
          await session.query(`SELECT ${lock}($1) AS locked`, [LOCK]),
        );
        if (!isOurs) throw new StartError(refusal);
      },
    });
  }

  /** Takes the claim, or takes it again after its connection was lost. Throws a {@link StartError} if others have it. */
  hold(): Promise<void> {
    return this.#connection.hold();
  }

  onModuleDestroy(): Promise<void> {
    return this.#connection.release();
  }
}
