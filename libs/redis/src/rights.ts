import type { Redis } from 'ioredis';
import { z } from 'zod';

/** Something that a Redis user must be allowed to do: a command, and the key or the channel that it is about. */
export interface Right {
  /** As Redis writes it, in lower case. */
  readonly command: string;
  /** The command's arguments in an example; `KEY` and `CHANNEL` stand for the two below. */
  readonly example: readonly string[];
  /** A key, or a pattern of keys with a `*` at its end. */
  readonly key?: string;
  readonly channel?: string;
}

/** What one use of Redis needs of its user. */
export interface Needs {
  /** For sentences: `revocations`. */
  readonly use: string;
  readonly rights: readonly Right[];
  /** Whether it needs keys that do not expire, and must not be thrown away when Redis' memory is full. */
  readonly keepsKeys?: boolean;
}

/** Makes a {@link Right} for each of some commands and their examples. */
export function rightsOn(
  where: Pick<Right, 'key' | 'channel'>,
  examples: readonly string[],
): readonly Right[] {
  return examples.map((text) => {
    const [command = '', ...example] = text.split(' ');
    return { command, example, ...where };
  });
}

/** The words of `ACL SETUSER` that give these rights: commands, patterns of keys, channels, each once and in order. */
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
 * By the function that scripts have since Redis 7: it says what the present user may do, and needs no right but that to
 * scripts; `ACL DRYRUN` and `ACL WHOAMI` are rights that few users have. Answers the indexes of what is not allowed.
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
 * Which of `rights` the user of a connection lacks. Before Redis 7 nothing can be found out beforehand, and none is
 * missing. Rejects when Redis cannot be asked.
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

/** Says what is missing and how to give it, in one sentence. */
export function describeMissing(user: string, use: string, lacking: readonly Right[]): string {
  const what = lacking.map(({ command, key, channel }) => `${command} ${channel ?? key ?? ''}`.trim());
  return `The Redis user ${user} may not do what ${use} need (${what.join(', ')}): run ACL SETUSER ${user} ${aclRules(lacking).join(' ')}, or see "Users of Redis" in docs/operations.md.`;
}
