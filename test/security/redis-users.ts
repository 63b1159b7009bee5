import { rateLimitNeeds } from '#libs/key-guard';
import { aclRules } from '#libs/redis';
import { followerNeeds, publisherNeeds } from '#libs/revocations';
import { verdictNeeds } from '../../apps/keys/src/secrets/redis-verdicts.js';

/** What the Redis users of keys and of gateways may do, and nothing else: the words of ACL SETUSER. */
export function redisUsers(prefix = ''): Readonly<Record<'keys' | 'gateway', readonly string[]>> {
  return {
    keys: aclRules([...publisherNeeds(prefix).rights, ...verdictNeeds(prefix).rights]),
    gateway: aclRules([...followerNeeds(prefix).rights, ...rateLimitNeeds(prefix).rights]),
  };
}

const BETWEEN = /(<!-- redis-users -->\n)[^]*(<!-- \/redis-users -->)/;

/** docs/operations.md with the users of Redis as the code has them. */
export function withRedisUsers(document: string): string {
  const lines = Object.entries(redisUsers()).map(
    ([user, rules]) => `    ACL SETUSER ${user} reset on >the-password-of-${user} ${rules.join(' ')}\n`,
  );
  return document.replace(BETWEEN, `$1\n${lines.join('')}\n$2`);
}
