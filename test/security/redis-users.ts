import { rateLimitNeeds } from '#libs/key-verifier';
import { aclRules } from '#libs/redis';
import { followerNeeds, publisherNeeds } from '#libs/revocations';
import { verdictNeeds } from '../../apps/keys/src/secrets/redis-verdicts.js';

/** Exactly the rights that the Redis users of keys and of gateways need: the arguments of ACL SETUSER. */
export function redisUsers(prefix = ''): Readonly<Record<'keys' | 'gateway', readonly string[]>> {
  return {
    keys: aclRules([...publisherNeeds(prefix).rights, ...verdictNeeds(prefix).rights]),
    gateway: aclRules([...followerNeeds(prefix).rights, ...rateLimitNeeds(prefix).rights]),
  };
}

const BETWEEN = /(<!-- redis-users -->\n)[^]*(<!-- \/redis-users -->)/;

/** docs/operations.md with the Redis users generated from the code. */
export function withRedisUsers(document: string): string {
  const lines = Object.entries(redisUsers()).map(
    ([user, rules]) => `    ACL SETUSER ${user} reset on >the-password-of-${user} ${rules.join(' ')}\n`,
  );
  return document.replace(BETWEEN, `$1\n${lines.join('')}\n$2`);
}
