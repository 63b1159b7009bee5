import { z } from 'zod';
import { authorities, secretText, text } from '#libs/settings';

/** Who knows where the primary is. */
export interface Sentinels {
  readonly sentinels: { readonly host: string; readonly port: number }[];
  /** What they call the primary and its replicas. */
  readonly name: string;
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  /** For Redis and its sentinels alike. */
  readonly isTls: boolean;
}

const ADDRESS =
  /^redis(?<tls>s?)\+sentinel:\/\/(?:(?<username>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^@/]+)\/(?<name>[\w.-]+)(?:\/(?<db>\d{1,4}))?$/;

/** The port of a sentinel that is named without one. */
const SENTINEL_PORT = 26_379;

/**
 * What an address such as `redis+sentinel://sentinel-1:26379,sentinel-2:26379/mymaster` says, with a user, a password
 * and the number of a database where other addresses have them. Undefined for anything else.
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

/** The setting that says where Redis is: an address of its own, or of the sentinels that know. */
export function redisUrl() {
  const must =
    'must be a URL such as redis://localhost:6379, or redis+sentinel://sentinel-1:26379,sentinel-2:26379/mymaster';
  return z.string(must).refine((value) => isPlain(value) || sentinelsIn(value) !== undefined, must);
}

/** The address of a Redis: with a number of a database behind it, or nothing. */
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

/** The setting of what sentinels may ask for. */
export function sentinelPassword() {
  return secretText('must be the password of the sentinels')
    .optional()
    .describe('Of the sentinels in `REDIS_URL`, if they ask for one.');
}

/** The setting of whom Redis' certificate must be signed by. */
export function redisAuthorities() {
  return authorities()
    .optional()
    .describe('Certificates to trust for `rediss://`, PEM, instead of the system’s.');
}

/** The setting that keeps the keys of several deployments apart. */
export function redisPrefix() {
  return text('must be up to 64 letters, digits and . _ : -', /^[\w.:-]{1,64}$/)
    .optional()
    .describe(
      'What all keys and channels in Redis begin with, where several deployments share one; the same at keys and gateways.',
    );
}
