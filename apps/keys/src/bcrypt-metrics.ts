import { Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';
import { type Sample, registerCounter, registerGauge } from '#libs/service';
import { BCRYPT_WORK, type BcryptPoolStats, SecretHasher } from './secrets/secret-hasher.js';

/** Metrics of bcrypt, the most expensive thing that the service does. */
@Injectable()
export class BcryptMetrics {
  constructor(registry: Registry, hasher: SecretHasher) {
    const each = (number: (pool: BcryptPoolStats) => number) => (): Sample[] =>
      BCRYPT_WORK.map((work) => ({ labels: { work }, value: number(hasher.stats(work)) }));
    const labels = ['work'];
    registerGauge(registry, {
      name: 'keys_bcrypt_running',
      help: 'bcrypt runs in progress: `hash` for new keys, `compare` for first uses.',
      labels,
      read: each(({ running }) => running),
    });
    registerGauge(registry, {
      name: 'keys_bcrypt_waiting',
      help: 'bcrypt runs that are waiting.',
      labels,
      read: each(({ waiting }) => waiting),
    });
    registerCounter(registry, {
      name: 'keys_bcrypt_runs_total',
      help: 'bcrypt runs started.',
      labels,
      read: each(({ started }) => started),
    });
    registerCounter(registry, {
      name: 'keys_bcrypt_refused_total',
      help: 'bcrypt runs refused because too many were waiting.',
      labels,
      read: each(({ refused }) => refused),
    });
    registerGauge(registry, {
      name: 'keys_bcrypt_running_max',
      help: 'Maximum concurrent bcrypt runs of each kind.',
      read: () => hasher.capacity.running,
    });
    registerGauge(registry, {
      name: 'keys_bcrypt_waiting_max',
      help: 'Maximum waiting bcrypt runs of each kind.',
      read: () => hasher.capacity.waiting,
    });
  }
}
