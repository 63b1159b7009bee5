import { APP_GUARD } from '@nestjs/core';
import bcrypt from 'bcrypt';
import pg from 'pg';
import { z } from 'zod';
import { runApplication } from './application.js';
import { BearerGuard } from './bearer.js';

/*
 * The guard of many tutorials: the key's row by its ID, then bcrypt at cost 10, for every request.
 */
const { DATABASE_URL } = z.object({ DATABASE_URL: z.string() }).parse(process.env);
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 });

async function ownerOf(token: string): Promise<string | undefined> {
  const [id, secret] = token.split('.');
  if (id === undefined || secret === undefined) return undefined;
  const { rows } = await pool.query<{ owner: string; hash: string }>({
    name: 'a key',
    text: 'SELECT owner, hash FROM textbook_keys WHERE id = $1 AND revoked_at IS NULL',
    values: [id],
  });
  const row = rows[0];
  return row !== undefined && (await bcrypt.compare(secret, row.hash)) ? row.owner : undefined;
}

await runApplication({ providers: [{ provide: APP_GUARD, useValue: new BearerGuard(ownerOf) }] });
