import { setTimeout as sleep } from 'node:timers/promises';
import {
  CACHE_BOUND_MS,
  type Chaos,
  type Fault,
  LEASE_BOUND_MS,
  type REDIS_USERS,
  atRedis,
  wayToRedis,
  withLateGateway,
} from './fault.js';

/** Redis runs, but a user loses rights, gets no notifications, or is connected to another server. */
export function accessFaults({
  long,
}: {
  long: boolean;
}): Record<'rights' | 'replica' | 'doorbell', Fault[]> {
  const ms = long ? 5000 : 1500;
  return {
    rights: [
      withoutRight('keys', 'the channel', { take: 'resetchannels', give: '&*' }, LEASE_BOUND_MS, ms),
      withoutRight('keys', 'scripts', { take: '-eval', give: '+eval' }, CACHE_BOUND_MS, ms),
      withoutRight('gateways', 'the channel', { take: 'resetchannels', give: '&*' }, LEASE_BOUND_MS, ms),
      withoutRight('gateways', 'scripts', { take: '-eval', give: '+eval' }, LEASE_BOUND_MS, ms),
    ],
    replica: [
      withLateGateway({
        name: 'a gateway is led to a replica that takes writes',
        boundMs: LEASE_BOUND_MS,
        happen: leadToReplica,
      }),
    ],
    doorbell: [
      {
        name: 'the doorbell of a gateway is silent',
        boundMs: LEASE_BOUND_MS,
        happen: async (chaos) => {
          wayToRedis(chaos, 1).pause('subscribe');
          await sleep(ms);
          wayToRedis(chaos, 1).resume();
        },
      },
    ],
  };
}

function withoutRight(
  user: (typeof REDIS_USERS)[number],
  what: string,
  { take, give }: { take: string; give: string },
  boundMs: number,
  ms: number,
): Fault {
  return {
    name: `Redis forbids ${what} to ${user}, and allows it again`,
    boundMs,
    happen: ({ stack }) =>
      atRedis(stack.redis.url, async (redis) => {
        await redis.acl('SETUSER', user, take);
        await sleep(ms);
        await redis.acl('SETUSER', user, give);
      }),
  };
}

/** First while it follows its primary, then after it has lost it. */
async function leadToReplica(chaos: Chaos): Promise<void> {
  const lead = (port: number): void => {
    wayToRedis(chaos, 2).cut();
    wayToRedis(chaos, 2).mend(port);
  };
  lead(chaos.replica.redis.port);
  await sleep(4000);
  chaos.replica.fromPrimary.cut();
  await sleep(4000);
  lead(chaos.stack.network.gatewaysToRedis.port);
}
