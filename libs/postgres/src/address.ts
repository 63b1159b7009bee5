import type { ClientConfig } from 'pg';
import { parseIntoClientConfig } from 'pg-connection-string';
import { z } from 'zod';
import { authorities } from '#libs/settings';

/** What may be given beside an address. */
interface Given {
  /** Instead of the one in the address. */
  readonly password?: string | undefined;
  /** Certificates (PEM) to trust instead of the system's: then TLS is required, and the name in the certificate, too. */
  readonly ca?: string | undefined;
}

/**
 * What an address such as `postgres://user@host:5432/database` says, and what is given beside it. By the rules of pg-connection-string, which are libpq's: a socket and further parameters behind a `?`.
 * Throws when it is none, or names a file that cannot be read.
 */
export function connectionTo(url: string, { password, ca }: Given = {}): ClientConfig {
  // What the address does not say is an empty text there, which would hide that it is missing.
  const said = Object.entries(parseIntoClientConfig(url)).filter(([, value]) => value !== '');
  return {
    ...Object.fromEntries(said),
    ...(password !== undefined && { password }),
    ...(ca !== undefined && { ssl: { ca, rejectUnauthorized: true } }),
  };
}

/** Where that is, for sentences: `db:5432/keys`, without users and passwords. */
export function describeUrl(url: string): string {
  const { host = 'localhost', port = 5432, database = '' } = connectionTo(url);
  if (host.startsWith('/')) return `${database} at the socket in ${host}`;
  return `${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
}

const EXAMPLE = 'postgres://keys@localhost:5432/keys, or postgres:///keys?host=/var/run/postgresql&user=keys';

/** The setting of whom PostgreSQL's certificate must be signed by. */
export function postgresAuthorities() {
  return authorities()
    .optional()
    .describe(
      'Certificates to trust for PostgreSQL, PEM, instead of the system’s. With it, TLS is required and the server’s name checked, whatever `sslmode` says.',
    );
}

/** The setting that says where PostgreSQL is. */
export function postgresUrl() {
  const must = `must be a URL such as ${EXAMPLE}`;
  return z.string(must).superRefine((value, context) => {
    const message = /^postgres(ql)?:\/\//.test(value) ? whyUnreadable(value, must) : must;
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}

function whyUnreadable(url: string, must: string): string | undefined {
  try {
    // libpq would try several hosts, one after the other; the driver does not.
    return connectionTo(url).host?.includes(',') === true ? must : undefined;
  } catch (err) {
    const isAboutFile = typeof err === 'object' && err !== null && 'path' in err;
    return isAboutFile ? `names ${String(err.path)}, which cannot be read` : must;
  }
}
