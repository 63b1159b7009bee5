import { z } from 'zod';
import { KEY_PREFIX_MAX_LENGTH, KEY_PREFIX_SHAPE } from '#libs/key-format';
import { parseEndpoints } from '#libs/keys-client';

/** Options with mistakes. The message has a sentence for each, which names the option and never repeats what was given. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
}

/**
 * Throws an {@link OptionsError} that lists everything that is wrong with `options`. They are used as they are: what they
 * contain may have a state of its own.
 */
export function checkOptions(schema: z.ZodObject, options: object): void {
  const { error } = schema.safeParse(options);
  if (error === undefined) return;
  const mistakes = error.issues.flatMap((issue) => mistakesIn(issue, options));
  throw new OptionsError([...new Set(mistakes)].join('\n'));
}

const KEYS_URL = 'must be the verification RPC of keys, such as tcp://keys:3002 or tls://keys:3002';
const TAG_SECRETS = 'must be a list with the KEY_TAG_SECRET of the keys service';
const REDIS_URL =
  'must be a URL such as redis://localhost:6379, or redis+sentinel://sentinel-1:26379,sentinel-2:26379/mymaster';
const POSITIVE = 'must be an integer of at least 1';

const text = z.string('must be text').optional();
const positive = z.int(POSITIVE).min(1, POSITIVE).optional();

/** Text that is not empty, as an environment variable is that was forgotten. */
const secret = (must: string) => z.string(must).min(1, must);

const object = (must: string) =>
  z.custom<object>((given) => typeof given === 'object' && given !== null, must);

/** A function. Nothing else can be known of it. */
export const callback = z.custom((given) => typeof given === 'function', 'must be a function').optional();

const inRedis = z.strictObject({
  redisUrl: z.string(REDIS_URL).regex(/^rediss?(\+sentinel)?:\/\/[^/]/, REDIS_URL),
  password: text,
  sentinelPassword: text,
  ca: text,
  prefix: text,
});

const limits = z.strictObject({
  perMinute: positive,
  ownerPerMinute: positive,
  concurrent: positive,
  concurrentPerOwner: positive,
  failedAuthenticationsPerMinute: positive,
});

/** The options of the engine. An adapter to a framework may have more. */
export const verifierOptions = z.strictObject({
  keysUrl: z.string(KEYS_URL).refine(isKeysUrl, KEYS_URL),
  verifyToken: secret('must be the KEYS_VERIFY_TOKEN of the keys service'),
  ca: text,
  tagSecrets: z.array(secret(TAG_SECRETS), TAG_SECRETS).min(1, TAG_SECRETS),
  revocations: z.union(
    [z.literal('none'), inRedis, z.strictObject({ log: object('must be a RevocationLog') })],
    "must be { redisUrl: 'redis://…' }, the Redis of the keys service, or 'none'",
  ),
  rateLimits: z
    .union([z.literal('none'), limits], "must be an object such as { perMinute: 60 }, or 'none'")
    .optional(),
  keyPrefix: z
    .string('must be text')
    .max(KEY_PREFIX_MAX_LENGTH, `must have at most ${KEY_PREFIX_MAX_LENGTH} characters`)
    .regex(KEY_PREFIX_SHAPE, 'must look like sk_live: lowercase letters, digits and single underscores')
    .optional(),
  realm: z
    .string('must be text')
    .regex(/^[ !#-[\]-~]*$/, 'must be printable ASCII without quotes and backslashes')
    .optional(),
  cacheSize: positive,
  lastUsedEverySeconds: z.number('must be a number of seconds').positive('must be more than 0').optional(),
  tracing: object('must be a Tracing').optional(),
});

function isKeysUrl(text: string): boolean {
  try {
    return parseEndpoints(text).length > 0;
  } catch {
    return false; // not a URL, or none of ours
  }
}

/** A sentence for each mistake, with the path of the option. */
function mistakesIn(issue: z.core.$ZodIssue, options: object, parent: readonly PropertyKey[] = []): string[] {
  const path = [...parent, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `There is no option ${[...path, key].join('.')}.`);
  const inside = issue.code === 'invalid_union' ? closest(issue.errors) : undefined;
  if (inside !== undefined) return inside.flatMap((inner) => mistakesIn(inner, options, path));
  const isMissing = path.length === 1 && !(String(path[0]) in options);
  return [`${path.join('.')} ${isMissing ? 'is missing: it ' : ''}${issue.message}.`];
}

/** The alternative that was meant: an object with the fewest mistakes in it. Undefined if what was given is no object. */
function closest(alternatives: readonly z.core.$ZodIssue[][]): readonly z.core.$ZodIssue[] | undefined {
  return alternatives
    .filter((issues) => issues.every(({ code, path }) => path.length > 0 || code === 'unrecognized_keys'))
    .toSorted((a, b) => a.length - b.length)[0];
}
