import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { type KeyId, keyIdToUuid } from '#libs/key-format';

const rows = z.array(
  z.object({
    source: z.string(),
    url: z.string().nullable(),
    address: z.string().nullable(),
    at: z.date(),
  }),
);

/** A report that others have seen a key. */
export type Exposure = z.output<typeof rows>[number];

@Injectable()
export class ListExposures {
  constructor(private readonly database: DataSource) {}

  /** The reports about a key, latest first. There are few: see {@link ReportExposure}. */
  async execute(id: KeyId): Promise<Exposure[]> {
    return rows.parse(
      await this.database.query(
        'SELECT source, url, address, at FROM key_exposures WHERE key_id = $1 ORDER BY id DESC',
        [keyIdToUuid(id)],
      ),
    );
  }
}
