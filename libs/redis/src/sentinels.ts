import { z } from 'zod';
import { authorities, secretText, text } from '#libs/settings';

/** The sentinels that know where the primary is. */
export interface Sentinels {
  readonly sentinels: { readonly host: string; readonly port: number }[];
  /** Their name for the primary and its replicas. */
  readonly name: string;
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  /** For both Redis and its sentinels. */
  readonly isTls: boolean;
}

const ADDRESS =
  /^redis(?<tls>s?)\+sentinel:\/\/(?:(?<username>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^@/]+)\/(?<name>[\w.-]+)(?:\/(?<db>\d{1,4}))?$/;

/** The default port of a sentinel. */
const SENTINEL_PORT = 26_379;

/**
 * Parses a URL such as `redis+sentinel://sentinel-1:26379,sentinel-2:26379/mymaster`, with user, password and database
 * number as in other URLs. Undefined for anything else.
 */
export function sentinelsIn(url: string): Sentinels | undefined {
  const { tls, username = '', password = '', hosts, name, db } = ADDRESS.exec(url)?.groups ?? {};
  if (hosts === undefined || name === undefined) return undefined;
  if (![username, password].every(isDecodable)) return undefined;
  const sentinels = hosts.split(',').map(parseHost);
  if (!sentinels.every((place) => place !== undefined)) return undefined;
  return {
    sentinels,
    name,
    ...(username ? { username: decodeURIComponent(username) } : {}),
    ...(password ? { password: decodeURIComponent(password) } : {}),
    ...(db !== undefined && { db: Number(db) }),
    isTls: tls === 's',
  };
}

function parseHost(text: string): { host: string; port: number } | undefined {
  if (!URL.canParse(`redis://${text}`)) return undefined;
  const { hostname, port } = new URL(`redis://${text}`);
  if (hostname === '') return undefined;
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? SENTINEL_PORT : Number(port) };
}

/** The setting of Redis's URL, or of the sentinels that know it. */
export function redisUrl() {
  const must =
    'must be a URL such as redis://localhost:6379, or redis+sentinel://sentinel-1:26379,sentinel-2:26379/mymaster';
  return z.string(must).refine((value) => isPlain(value) || sentinelsIn(value) !== undefined, must);
}

/** A plain URL of Redis, with or without a database number. */
function isPlain(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, pathname, username, password } = new URL(value);
  const isRedis = protocol === 'redis:' || protocol === 'rediss:';
  return isRedis && /^(\/\d{0,4})?$/.test(pathname) && [username, password].every(isDecodable);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** The setting of the sentinels' password. */
export function sentinelPassword() {
  return secretText('must be the password of the sentinels')
    .optional()
    .describe('Password of the sentinels in `REDIS_URL`, if they require one.');
}

/** The setting of the authorities that sign Redis's certificate. */
export function redisAuthorities() {
  return authorities()
    .optional()
    .describe('Certificates to trust for `rediss://`, PEM, instead of the system’s.');
}

/** The setting of the prefix that keeps several deployments apart. */
export function redisPrefix() {
  return text('must be up to 64 letters, digits and . _ : -', /^[\w.:-]{1,64}$/)
    .optional()
    .describe(
      'Prefix of all keys and channels in Redis, if several deployments share one. The same for keys and gateways.',
    );
}
