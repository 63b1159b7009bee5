import type { Registry } from 'prom-client';
import type { Pool } from 'pg';
import { byLabel, registerGauge } from './register.js';
import { secondsOf } from './seconds-of.js';

/** Registers the connections of a pool to PostgreSQL, and how long an answer takes. */
export function showDatabase(registry: Registry, pool: Pool): void {
  registerGauge(registry, {
    name: 'database_connections',
    help: 'Connections to PostgreSQL, by whether they are in use.',
    labels: ['state'],
    read: () => byLabel('state', { used: pool.totalCount - pool.idleCount, idle: pool.idleCount }),
  });
  registerGauge(registry, {
    name: 'database_connections_max',
    help: 'Maximum number of connections to PostgreSQL.',
    read: () => pool.options.max,
  });
  registerGauge(registry, {
    name: 'database_pool_waiting',
    help: 'Callers waiting for a connection to PostgreSQL.',
    read: () => pool.waitingCount,
  });
  registerGauge(registry, {
    name: 'database_ping_seconds',
    help: 'How long PostgreSQL takes to answer, including the wait for a connection; NaN: not within a second.',
    read: () => secondsOf(() => pool.query('SELECT 1')),
  });
}
