import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { type KeyId, keyIdToUuid } from '#libs/key-format';

const rows = z.array(
  z.object({
    route: z.string(),
    status: z.int(),
    address: z.string(),
    count: z.number(),
    first_at: z.date(),
    last_at: z.date(),
  }),
);

/** The requests of a key within one hour that agree in route, status and address. */
export interface Activity {
  readonly route: string;
  readonly status: number;
  /** Null if not known. */
  readonly address: string | null;
  readonly count: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

@Injectable()
export class ListActivity {
  constructor(private readonly database: DataSource) {}

  /** What a key was used for, newest first. */
  async execute(id: KeyId, limit: number): Promise<Activity[]> {
    const found = rows.parse(
      await this.database.query(
        `SELECT route, status, address, least(count, ${Number.MAX_SAFE_INTEGER})::float8 AS count, first_at, last_at FROM key_activity
          WHERE key_id = $1 ORDER BY last_at DESC, count DESC, route, status, address LIMIT $2`,
        [keyIdToUuid(id), limit],
      ),
    );
    return found.map(({ route, status, address, count, first_at, last_at }) => ({
      route,
      status,
      address: address === '' ? null : address,
      count,
      firstAt: first_at,
      lastAt: last_at,
    }));
  }
}
