import { type Needs, type Right, rightsOn } from '#libs/redis';
import { channelsOf } from './redis-scripts.js';

/** What keys may do with the log: everything except following it. */
export function publisherNeeds(prefix = ''): Needs {
  const { added, acknowledged } = channelsOf(prefix);
  return needs(prefix, ['xadd KEY * f v'], doorbells({ rings: added, hears: acknowledged }));
}

/** What a gateway may do with the log: everything except adding to it. */
export function followerNeeds(prefix = ''): Needs {
  const { added, acknowledged } = channelsOf(prefix);
  return needs(prefix, ['hexists KEY f'], doorbells({ rings: acknowledged, hears: added }));
}

/** What all scripts need, plus what one side needs. A test runs a stack with exactly these rights. */
function needs(prefix: string, onKeys: readonly string[], onChannels: readonly Right[]): Needs {
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
      ...onChannels,
      ...rightsOn({}, ['info', 'ping']),
    ],
  };
}

function doorbells({ rings, hears }: { rings: string; hears: string }): readonly Right[] {
  return [
    ...rightsOn({ channel: rings }, ['publish CHANNEL 1']),
    ...rightsOn({ channel: hears }, ['subscribe CHANNEL']),
  ];
}
