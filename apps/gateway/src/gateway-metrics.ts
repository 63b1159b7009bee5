import { Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';
import { GuardStats } from '#libs/key-guard';
import { byLabel, registerCounter, registerGauge, showRedis } from '#libs/service';
import { Upstreams } from './forwarding/upstreams.js';

/** What an operator sees of a gateway. */
@Injectable()
export class GatewayMetrics {
  constructor(registry: Registry, guard: GuardStats, upstreams: Upstreams) {
    showGuard(registry, guard);
    showRedis(registry, guard.redis);
    showUpstreams(registry, upstreams);
  }
}

function showGuard(registry: Registry, guard: GuardStats): void {
  registerGauge(registry, {
    name: 'gateway_lease_held',
    help: '1 while revocations are followed and cached keys may be used; 0: each request is verified at keys.',
    read: () => Number(guard.holdsLease),
  });
  registerGauge(registry, {
    name: 'gateway_doorbell_listening',
    help: '1 while the doorbell of revocations would ring: subscribed, and Redis answers; 0: they take half a second longer.',
    read: () => (guard.isDoorbellListening === undefined ? [] : Number(guard.isDoorbellListening)),
  });
  registerCounter(registry, {
    name: 'gateway_cache_lookups_total',
    help: 'Presented keys that were found in the cache, and genuine ones that were not.',
    labels: ['result'],
    read: () => byLabel('result', guard.cacheLookups),
  });
  registerGauge(registry, {
    name: 'gateway_cache_entries',
    help: 'Answers about keys that are held.',
    read: () => guard.cached.entries,
  });
  registerGauge(registry, {
    name: 'gateway_cache_entries_max',
    help: 'Answers about keys that may be held.',
    read: () => guard.cached.max,
  });
  registerCounter(registry, {
    name: 'gateway_verify_requests_total',
    help: 'Questions to the verification RPC of keys, by what became of them.',
    labels: ['outcome'],
    read: () => byLabel('outcome', guard.questions),
  });
  registerGauge(registry, {
    name: 'gateway_blocked_networks',
    help: 'Networks of which only known keys are listened to, having sent too many keys that were refused.',
    read: () => guard.blockedNetworks,
  });
  registerGauge(registry, {
    name: 'gateway_responses_open',
    help: 'Responses to keys that are being sent, streams among them.',
    read: () => guard.openResponses,
  });
  registerCounter(registry, {
    name: 'gateway_responses_cut_off_total',
    help: 'Responses that were cut off while they were sent, their keys having been revoked or expired.',
    read: () => guard.cutOffResponses,
  });
  registerCounter(registry, {
    name: 'gateway_report_entries_dropped_total',
    help: 'Uses and activity of keys that were dropped, keys having refused the report of them.',
    read: () => guard.droppedReportEntries,
  });
}

function showUpstreams(registry: Registry, upstreams: Upstreams): void {
  registerCounter(registry, {
    name: 'gateway_upstream_failures_total',
    help: 'Requests that a service behind the gateway has not answered as it should, by the reason in the log.',
    labels: ['service', 'reason'],
    read: () =>
      [...upstreams.failures].flatMap(([service, failures]) =>
        [...failures].map(([reason, value]) => ({ labels: { service, reason }, value })),
      ),
  });
  registerGauge(registry, {
    name: 'gateway_upstream_requests_open',
    help: 'Requests to a service behind the gateway that are not over.',
    labels: ['service'],
    read: () =>
      [...upstreams.known].map(([service, { load }]) => ({ labels: { service }, value: load.open })),
  });
  registerGauge(registry, {
    name: 'gateway_upstream_requests_max',
    help: 'How many requests to a service behind the gateway may be open.',
    labels: ['service'],
    read: () => [...upstreams.known].map(([service, { load }]) => ({ labels: { service }, value: load.max })),
  });
}
