import pg from 'pg';
import type { DataSource } from 'typeorm';

/** How many milliseconds without an answer until its connection is closed: the caller has given up by then. */
const QUERY_TIMEOUT_MS = 2000;

/**
 * A statement that PostgreSQL parses and plans once per connection instead of each time. That needs a named statement,
 * which TypeORM does not offer, so this uses TypeORM's pool: the same connections with the same timeouts.
 */
export class PreparedStatement {
  readonly #pool: pg.Pool;
  readonly #name: string;
  readonly #text: string;

  /** `name` must be unique to this text. Throws a TypeError if `database` is not an open PostgreSQL. */
  constructor(database: DataSource, { name, text }: { name: string; text: string }) {
    this.#pool = poolOf(database);
    this.#name = name;
    this.#text = text;
  }

  /** The rows, not parsed. Rejects with the error of PostgreSQL or the network. */
  async run(values: readonly unknown[]): Promise<unknown> {
    const query = {
      name: this.#name,
      text: this.#text,
      values: [...values],
      query_timeout: QUERY_TIMEOUT_MS,
    };
    const { rows } = await this.#pool.query(query);
    return rows;
  }
}

/** TypeORM's pool. Throws a TypeError if `database` is not an open PostgreSQL. */
export function poolOf({ driver }: DataSource): pg.Pool {
  if ('master' in driver && driver.master instanceof pg.Pool) return driver.master;
  throw new TypeError('there is no open pool of connections to PostgreSQL');
}
