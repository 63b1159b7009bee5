import { Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';
import { GuardStats, KeyVerifier } from '#libs/key-guard';
import { byLabel, registerCounter, registerGauge, showRedis } from '#libs/service';
import { Upstreams } from './forwarding/upstreams.js';

/** Metrics of a gateway. */
@Injectable()
export class GatewayMetrics {
  constructor(registry: Registry, guard: GuardStats, verifier: KeyVerifier, upstreams: Upstreams) {
    registerGuardMetrics(registry, guard);
    registerReportMetrics(registry, verifier);
    showRedis(registry, guard.redis);
    registerUpstreamMetrics(registry, upstreams);
  }
}

function registerGuardMetrics(registry: Registry, guard: GuardStats): void {
  registerGauge(registry, {
    name: 'gateway_lease_held',
    help: '1 while revocations are followed and cached keys may be used; 0: each request is verified at keys.',
    read: () => Number(guard.holdsLease),
  });
  registerGauge(registry, {
    name: 'gateway_doorbell_listening',
    help: '1 while the doorbell of revocations works: subscribed, and Redis answers; 0: revocations take half a second longer.',
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
    help: 'Cached answers about keys.',
    read: () => guard.cached.entries,
  });
  registerGauge(registry, {
    name: 'gateway_cache_entries_max',
    help: 'Maximum number of cached answers about keys.',
    read: () => guard.cached.max,
  });
  registerCounter(registry, {
    name: 'gateway_verify_requests_total',
    help: 'Requests to the verification RPC, by their outcome.',
    labels: ['outcome'],
    read: () => byLabel('outcome', guard.questions),
  });
  registerGauge(registry, {
    name: 'gateway_blocked_networks',
    help: 'Networks that are blocked because they sent too many refused keys: only known keys are accepted from them.',
    read: () => guard.blockedNetworks,
  });
  registerGauge(registry, {
    name: 'gateway_responses_open',
    help: 'Responses being sent to requests with keys, streams included.',
    read: () => guard.openResponses,
  });
  registerCounter(registry, {
    name: 'gateway_responses_cut_off_total',
    help: 'Responses that were cut off because their keys were revoked or expired.',
    read: () => guard.cutOffResponses,
  });
  registerCounter(registry, {
    name: 'gateway_report_entries_dropped_total',
    help: 'Uses and activity of keys that were dropped because the keys service refused the report.',
    read: () => guard.droppedReportEntries,
  });
}

function registerReportMetrics(registry: Registry, { exposed }: KeyVerifier): void {
  registerCounter(registry, {
    name: 'gateway_exposure_reports_total',
    help: 'Reported texts by their source and outcome: `forged` (keys was not asked), what keys has answered, or `unavailable`.',
    labels: ['source', 'outcome'],
    read: () =>
      [...exposed.counts].flatMap(([source, outcomes]) =>
        [...outcomes].map(([outcome, value]) => ({ labels: { source, outcome }, value })),
      ),
  });
}

function registerUpstreamMetrics(registry: Registry, upstreams: Upstreams): void {
  registerCounter(registry, {
    name: 'gateway_upstream_failures_total',
    help: 'Failed requests to a service behind the gateway, by the reason in the log.',
    labels: ['service', 'reason'],
    read: () =>
      [...upstreams.failures].flatMap(([service, failures]) =>
        [...failures].map(([reason, value]) => ({ labels: { service, reason }, value })),
      ),
  });
  registerGauge(registry, {
    name: 'gateway_upstream_requests_open',
    help: 'Open requests to a service behind the gateway.',
    labels: ['service'],
    read: () =>
      [...upstreams.known].map(([service, { load }]) => ({ labels: { service }, value: load.open })),
  });
  registerGauge(registry, {
    name: 'gateway_upstream_requests_max',
    help: 'Maximum open requests to a service behind the gateway.',
    labels: ['service'],
    read: () => [...upstreams.known].map(([service, { load }]) => ({ labels: { service }, value: load.max })),
  });
}
