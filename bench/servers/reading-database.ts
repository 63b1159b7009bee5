import { APP_GUARD } from '@nestjs/core';
import { createHash } from 'node:crypto';
import pg from 'pg';
import { z } from 'zod';
import { runApplication } from './application.js';
import { BearerGuard } from './bearer.js';

/*
 * A guard with one database read per request: an index lookup of the key's SHA-256. As simple as possible, and revocations
 * take effect at once, too.
 */
const { DATABASE_URL } = z.object({ DATABASE_URL: z.string() }).parse(process.env);
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 });

async function ownerOf(token: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ owner: string }>({
    name: 'owner of a key',
    text: 'SELECT owner FROM hashed_keys WHERE digest = $1 AND revoked_at IS NULL',
    values: [createHash('sha256').update(token).digest()],
  });
  return rows[0]?.owner;
}

await runApplication({ providers: [{ provide: APP_GUARD, useValue: new BearerGuard(ownerOf) }] });
