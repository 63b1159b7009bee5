import type { Redis } from 'ioredis';
import { z } from 'zod';

/** A permission that a Redis user needs: a command, and its key or channel. */
export interface Right {
  /** As Redis writes it, in lower case. */
  readonly command: string;
  /** The command's arguments in an example; `KEY` and `CHANNEL` stand for the two below. */
  readonly example: readonly string[];
  /** A key, or a pattern of keys with a `*` at its end. */
  readonly key?: string;
  readonly channel?: string;
}

/** The permissions that one use of Redis needs. */
export interface Needs {
  /** For messages: `revocations`. */
  readonly use: string;
  readonly rights: readonly Right[];
  /** Whether it stores keys that do not expire, and must not be evicted when Redis's memory is full. */
  readonly keepsKeys?: boolean;
}

/** A {@link Right} for each example of a command. */
export function rightsOn(
  where: Pick<Right, 'key' | 'channel'>,
  examples: readonly string[],
): readonly Right[] {
  return examples.map((text) => {
    const [command = '', ...example] = text.split(' ');
    return { command, example, ...where };
  });
}

/** The arguments of `ACL SETUSER` that grant these rights: commands, key patterns, channels, each once and in order. */
export function aclRules(rights: readonly Right[]): string[] {
  const of = (prefix: string, values: readonly (string | undefined)[]): string[] =>
    [...new Set(values.filter((value) => value !== undefined))].sort().map((value) => prefix + value);
  return [
    ...of(
      '+',
      rights.map(({ command }) => command),
    ),
    ...of(
      '~',
      rights.map(({ key }) => key),
    ),
    ...of(
      '&',
      rights.map(({ channel }) => channel),
    ),
  ];
}

/**
 * Uses a function for scripts since Redis 7, which says what the current user may do and only needs the right to run
 * scripts; few users have the rights to `ACL DRYRUN` and `ACL WHOAMI`. Returns the indexes of what is not allowed.
 */
const CHECK = `
if not redis.acl_check_cmd then return {} end
local missing = {}
for i, command in ipairs(cjson.decode(ARGV[1])) do
  local isKnown, isAllowed = pcall(redis.acl_check_cmd, unpack(command))
  if isKnown and not isAllowed then missing[#missing + 1] = i end
end
return missing
`;

const missing = z.array(z.number());

/**
 * Which of `rights` the user of a connection lacks. Before Redis 7 this cannot be found out in advance, and it returns
 * none. Rejects if Redis does not answer.
 */
export async function missingRights(redis: Redis, rights: readonly Right[]): Promise<Right[]> {
  const commands = rights.map(({ command, example, key = '', channel = '' }) => [
    command,
    ...example.map((word) => (word === 'KEY' ? key.replace('*', 'x') : word === 'CHANNEL' ? channel : word)),
  ]);
  try {
    const found = missing.parse(await redis.eval(CHECK, 0, JSON.stringify(commands)));
    return found.flatMap((i) => rights[i - 1] ?? []);
  } catch (err) {
    if (err instanceof Error && err.message.startsWith('NOPERM'))
      return rights.filter(({ command }) => command === 'eval');
    throw err;
  }
}

/** One sentence that says what is missing and how to grant it. */
export function describeMissing(user: string, use: string, lacking: readonly Right[]): string {
  const what = lacking.map(({ command, key, channel }) => `${command} ${channel ?? key ?? ''}`.trim());
  return `The Redis user ${user} lacks rights that ${use} need (${what.join(', ')}): run ACL SETUSER ${user} ${aclRules(lacking).join(' ')}, or see "Users of Redis" in docs/operations.md.`;
}
