import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceProcess } from '#libs/testing';
import { accessFaults } from './access-faults.js';
import { CACHE_BOUND_MS, type Chaos, type Fault, LEASE_BOUND_MS, together } from './fault.js';
import { memoryFaults } from './memory-faults.js';

function gateway({ stack }: Chaos, which = 0): ServiceProcess {
  const found = stack.gateways[which];
  if (found === undefined) throw new Error('there is no such gateway');
  return found;
}

function freeze(seconds: number): Fault {
  return {
    name: `a gateway is frozen for ${seconds} s`,
    boundMs: LEASE_BOUND_MS,
    happen: async (chaos) => {
      gateway(chaos).process.signal('SIGSTOP');
      await sleep(seconds * 1000);
      gateway(chaos).process.signal('SIGCONT');
    },
  };
}

function restartPostgres(name: string, how: 'stop' | 'kill'): Fault {
  return {
    name,
    boundMs: CACHE_BOUND_MS,
    happen: async ({ stack, restartPostgres }) => {
      stack.network.keysToDatabase.cut();
      const { url } = await restartPostgres(how);
      stack.network.keysToDatabase.mend(Number(new URL(url).port));
    },
  };
}

/** Every fault, preceded by none. `long`: the times of the long run. */
export function faults({ long }: { long: boolean }): Fault[] {
  const redisDownSeconds = long ? 20 : 4;
  const { rights, replica, doorbell } = accessFaults({ long });
  return [
    { name: 'nothing goes wrong', boundMs: LEASE_BOUND_MS, happen: () => Promise.resolve() },
    ...replica, // before Redis restarts, and gets another replication ID
    ...doorbell,
    ...(long ? rights : [together('Redis forbids things, and allows them again', rights)]),
    freeze(1),
    freeze(3),
    ...(long ? [freeze(15)] : []),
    {
      name: 'a gateway is killed and started again',
      boundMs: LEASE_BOUND_MS,
      happen: async (chaos) => {
        await gateway(chaos, 1).kill();
        await sleep(500);
        await gateway(chaos, 1).restart();
      },
    },
    {
      name: 'a keys replica is killed and started again',
      boundMs: CACHE_BOUND_MS,
      happen: async ({ stack }) => {
        await stack.keys[0]?.service.kill();
        await sleep(500);
        await stack.keys[0]?.service.restart();
      },
    },
    {
      name: 'Redis is killed and started again, empty',
      boundMs: CACHE_BOUND_MS,
      happen: async ({ stack }) => {
        await stack.redis.kill();
        await stack.redis.restartEmpty();
      },
    },
    {
      name: `Redis is down for ${redisDownSeconds} s`,
      boundMs: CACHE_BOUND_MS,
      happen: async ({ stack }) => {
        await stack.redis.kill();
        await sleep(redisDownSeconds * 1000);
        await stack.redis.restartEmpty();
      },
    },
    {
      name: 'Redis is cut off from the gateways',
      boundMs: LEASE_BOUND_MS,
      happen: async ({ stack }) => {
        stack.network.gatewaysToRedis.cut();
        await sleep(4000);
        stack.network.gatewaysToRedis.mend();
      },
    },
    {
      name: 'Redis is cut off from keys',
      boundMs: CACHE_BOUND_MS,
      happen: async ({ stack }) => {
        stack.network.keysToRedis.cut();
        await sleep(4000);
        stack.network.keysToRedis.mend();
      },
    },
    restartPostgres('PostgreSQL is restarted', 'stop'),
    restartPostgres('PostgreSQL is killed and started again', 'kill'),
    ...faultsOfMemory({ long }),
  ];
}

/** The short run has faults of one kind in sequence, so that revokes are slow only once after them. */
function faultsOfMemory({ long }: { long: boolean }): Fault[] {
  const { full, keys, back } = memoryFaults({ long });
  if (long) return [...full, ...keys, ...back];
  return [
    together('Redis is full, and loses keys, fields and entries of the log', [...full, ...keys]),
    ...back,
  ];
}
