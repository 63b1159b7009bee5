import type { Registry } from 'prom-client';
import type { RedisProbe } from '#libs/redis';
import { byLabel, registerGauge } from './register.js';
import { secondsOf } from './seconds-of.js';

/** Registers the state of the connections to Redis, by their purpose. */
export function showRedis(registry: Registry, probes: Readonly<Record<string, RedisProbe>>): void {
  const named = Object.entries(probes);
  if (named.length === 0) return;
  registerGauge(registry, {
    name: 'redis_connected',
    help: '1 while connected to Redis, by the purpose of the connection; otherwise 0.',
    labels: ['connection'],
    read: () =>
      byLabel(
        'connection',
        Object.fromEntries(named.map(([name, { isConnected }]) => [name, Number(isConnected)])),
      ),
  });
  registerGauge(registry, {
    name: 'redis_ping_seconds',
    help: 'How long Redis takes to answer; NaN: not within a second.',
    labels: ['connection'],
    read: () =>
      Promise.all(
        named.map(async ([connection, probe]) => ({
          labels: { connection },
          value: await secondsOf(() => probe.ping()),
        })),
      ),
  });
}
