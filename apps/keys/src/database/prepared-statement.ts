import pg from 'pg';
import type { DataSource } from 'typeorm';

/** After how many milliseconds without an answer its connection is closed: the caller has given up by then. */
const QUERY_TIMEOUT_MS = 2000;

/**
 * A statement that PostgreSQL parses and plans once per connection instead of each time. TypeORM has no name for its
 * statements, which is what it takes, so this asks the pool below it, where the same connections and time-outs are.
 */
export class PreparedStatement {
  readonly #pool: pg.Pool;
  readonly #name: string;
  readonly #text: string;

  /** `name` belongs to this text alone. Throws a TypeError when `database` is not open, or no PostgreSQL. */
  constructor(database: DataSource, { name, text }: { name: string; text: string }) {
    this.#pool = poolOf(database);
    this.#name = name;
    this.#text = text;
  }

  /** The rows, not parsed. Rejects with what PostgreSQL or the network says. */
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

/** The pool below TypeORM. Throws a TypeError when `database` is not open, or no PostgreSQL. */
export function poolOf({ driver }: DataSource): pg.Pool {
  if ('master' in driver && driver.master instanceof pg.Pool) return driver.master;
  throw new TypeError('there is no open pool of connections to PostgreSQL');
}
