import type { ClientConfig } from 'pg';
import { parseIntoClientConfig } from 'pg-connection-string';
import { z } from 'zod';

/**
 * What an address such as `postgres://user@host:5432/database` says, and `password`, when one is given, instead of the one
 * in it. By the rules of pg-connection-string, which are libpq's: a socket and further parameters behind a `?`.
 * Throws when it is none, or names a file that cannot be read.
 */
export function connectionTo(url: string, password?: string): ClientConfig {
  // What the address does not say is an empty text there, which would hide that it is missing.
  const said = Object.entries(parseIntoClientConfig(url)).filter(([, value]) => value !== '');
  return { ...Object.fromEntries(said), ...(password !== undefined && { password }) };
}

/** Where that is, for sentences: `db:5432/keys`, without users and passwords. */
export function placeOf(url: string): string {
  const { host = 'localhost', port = 5432, database = '' } = connectionTo(url);
  if (host.startsWith('/')) return `${database} at the socket in ${host}`;
  return `${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
}

const EXAMPLE = 'postgres://keys@localhost:5432/keys, or postgres:///keys?host=/var/run/postgresql&user=keys';

/** The setting that says where PostgreSQL is. */
export function postgresUrl() {
  const must = `must be an address such as ${EXAMPLE}`;
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
