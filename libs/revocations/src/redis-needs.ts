import { type Needs, rightsOn } from '#libs/redis';
import { channelOf } from './redis-scripts.js';

/** What keys may do with the log: everything but to follow it. */
export function publisherNeeds(prefix = ''): Needs {
  return needs(prefix, ['xadd KEY * f v'], ['publish CHANNEL 1']);
}

/** What a gateway may do with it: everything but to add to it. */
export function followerNeeds(prefix = ''): Needs {
  return needs(prefix, ['hexists KEY f'], ['subscribe CHANNEL']);
}

/** What all scripts have in common, and what one side has besides. A test runs a stack with exactly these rights. */
function needs(prefix: string, onKeys: readonly string[], onChannel: readonly string[]): Needs {
  const common = [
    'eval return 1 KEY',
    'xlen KEY',
    'hmget KEY f',
    'hget KEY f',
    'hgetall KEY',
    'hset KEY f v',
    'hdel KEY f',
    'hincrby KEY f 1',
    'del KEY',
    'xrange KEY - +',
    'xrevrange KEY + -',
  ];
  return {
    use: 'revocations',
    keepsKeys: true,
    rights: [
      ...rightsOn({ key: `${prefix}{revocations}:*` }, [...common, ...onKeys]),
      ...rightsOn({ channel: channelOf(prefix) }, onChannel),
      ...rightsOn({}, ['info', 'ping']),
    ],
  };
}
