import type { ClientConfig } from 'pg';
import { parseIntoClientConfig } from 'pg-connection-string';
import { z } from 'zod';
import { authorities } from '#libs/settings';

/** Overrides for a URL. */
interface Given {
  /** Overrides the password in the URL. */
  readonly password?: string | undefined;
  /** Certificates (PEM) to trust instead of the system's: then TLS is required, and the server's name is checked. */
  readonly ca?: string | undefined;
}

/**
 * Connection options for a URL such as `postgres://user@host:5432/database`, parsed by pg-connection-string by the rules of
 * libpq: with sockets, and with parameters after a `?`. Throws if it is invalid, or names a file that cannot be read.
 */
export function connectionTo(url: string, { password, ca }: Given = {}): ClientConfig {
  // It sets what the URL does not contain to an empty text, which would hide that it is missing.
  const said = Object.entries(parseIntoClientConfig(url)).filter(([, value]) => value !== '');
  return {
    ...Object.fromEntries(said),
    ...(password !== undefined && { password }),
    ...(ca !== undefined && { ssl: { ca, rejectUnauthorized: true } }),
  };
}

/** Where the database is, for messages: `db:5432/keys`, without user and password. */
export function describeUrl(url: string): string {
  const { host = 'localhost', port = 5432, database = '' } = connectionTo(url);
  if (host.startsWith('/')) return `${database} at the socket in ${host}`;
  return `${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
}

const EXAMPLE = 'postgres://keys@localhost:5432/keys, or postgres:///keys?host=/var/run/postgresql&user=keys';

/** The setting of the authorities that sign PostgreSQL's certificate. */
export function postgresAuthorities() {
  return authorities()
    .optional()
    .describe(
      'Certificates to trust for PostgreSQL, PEM, instead of the system’s. With it, TLS is required and the server’s name checked, whatever `sslmode` says.',
    );
}

/** The setting of PostgreSQL's URL. */
export function postgresUrl() {
  const must = `must be a URL such as ${EXAMPLE}`;
  return z.string(must).superRefine((value, context) => {
    const message = /^postgres(ql)?:\/\//.test(value) ? whyUnreadable(value, must) : must;
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}

function whyUnreadable(url: string, must: string): string | undefined {
  try {
    // libpq would try several hosts in turn; the driver does not.
    return connectionTo(url).host?.includes(',') === true ? must : undefined;
  } catch (err) {
    const isAboutFile = typeof err === 'object' && err !== null && 'path' in err;
    return isAboutFile ? `names ${String(err.path)}, which cannot be read` : must;
  }
}
