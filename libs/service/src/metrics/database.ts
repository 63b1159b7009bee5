import type { Registry } from 'prom-client';
import type { Pool } from 'pg';
import { byLabel, registerGauge } from './register.js';
import { secondsOf } from './seconds-of.js';

/** Shows the connections of a pool to PostgreSQL, and how long an answer takes by one of them. */
export function showDatabase(registry: Registry, pool: Pool): void {
  registerGauge(registry, {
    name: 'database_connections',
    help: 'Connections to PostgreSQL, by whether somebody uses them.',
    labels: ['state'],
    read: () => byLabel('state', { used: pool.totalCount - pool.idleCount, idle: pool.idleCount }),
  });
  registerGauge(registry, {
    name: 'database_connections_max',
    help: 'How many connections to PostgreSQL there may be.',
    read: () => pool.options.max,
  });
  registerGauge(registry, {
    name: 'database_pool_waiting',
    help: 'Who waits for a connection to PostgreSQL, all being in use.',
    read: () => pool.waitingCount,
  });
  registerGauge(registry, {
    name: 'database_ping_seconds',
    help: 'How long PostgreSQL takes to answer, waiting for a connection included; NaN: not within a second.',
    read: () => secondsOf(() => pool.query('SELECT 1')),
  });
}
