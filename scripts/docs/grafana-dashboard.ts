/** A query of a panel, and the legend of its lines. */
type Query = readonly [expr: string, legend: string];

/** A panel: one question of an operator. */
interface Panel {
  readonly title: string;
  readonly about: string;
  readonly unit: 'reqps' | 's' | 'short' | 'percentunit' | 'bool_on_off' | 'ops';
  readonly queries: readonly Query[];
}

/** Without the two health checks, which would dominate everything else. */
const REAL = 'route!~"/healthz|/readyz"';

const ROWS: Readonly<Record<string, readonly Panel[]>> = {
  'What callers see': [
    {
      title: 'Requests by status',
      about: 'Responses per second of each service, without health checks.',
      unit: 'reqps',
      queries: [
        [
          `sum by (job, status) (rate(http_request_duration_seconds_count{${REAL}}[$__rate_interval]))`,
          '{{job}} {{status}}',
        ],
      ],
    },
    {
      title: 'Refusals at the gateway by reason',
      about: 'Per second. The log has the same reasons, with the IDs of keys.',
      unit: 'reqps',
      queries: [
        [
          'sum by (reason) (rate(http_requests_refused_total{job="gateway"}[$__rate_interval]))',
          '{{reason}}',
        ],
      ],
    },
    {
      title: 'Latency by route (99 %)',
      about: 'Until the last byte, so a stream counts for as long as it lasts.',
      unit: 's',
      queries: [
        [
          `histogram_quantile(0.99, sum by (le, job, route) (rate(http_request_duration_seconds_bucket{${REAL}}[$__rate_interval])))`,
          '{{job}} {{route}}',
        ],
      ],
    },
    {
      title: 'Refusals at keys and at the dashboard',
      about: 'Of the management API, and of people who sign in.',
      unit: 'reqps',
      queries: [
        [
          'sum by (job, reason) (rate(http_requests_refused_total{job!="gateway"}[$__rate_interval]))',
          '{{job}} {{reason}}',
        ],
      ],
    },
    {
      title: 'Open responses, and blocked addresses',
      about: 'Open responses include streams. Blocked addresses have sent too many refused keys.',
      unit: 'short',
      queries: [
        ['sum(gateway_responses_open)', 'open responses'],
        ['sum(gateway_blocked_networks)', 'blocked addresses'],
      ],
    },
    {
      title: 'Services behind the gateway: failures and utilization',
      about: 'Failures per second by reason, and open requests as a share of their maximum.',
      unit: 'short',
      queries: [
        [
          'sum by (service, reason) (rate(gateway_upstream_failures_total[$__rate_interval]))',
          '{{service}} {{reason}}',
        ],
        [
          'max by (service) (gateway_upstream_requests_open / gateway_upstream_requests_max)',
          '{{service}} full',
        ],
      ],
    },
  ],
  Revocations: [
    {
      title: 'How long changes take to come into effect',
      about: 'From the commit to the last gateway. At most 2.2 s, or 11 s while Redis is unavailable.',
      unit: 's',
      queries: [
        ['histogram_quantile(0.5, sum by (le) (rate(keys_revocation_effective_seconds_bucket[5m])))', 'p50'],
        ['histogram_quantile(0.99, sum by (le) (rate(keys_revocation_effective_seconds_bucket[5m])))', 'p99'],
      ],
    },
    {
      title: 'How changes came into effect',
      about: 'By acknowledgment of every gateway, or once leases or caches had expired.',
      unit: 'ops',
      queries: [['sum by (how) (rate(keys_revocation_effective_seconds_count[5m]))', '{{how}}']],
    },
    {
      title: 'Leases, followers, doorbell, waiting changes',
      about:
        'Gateways without a lease verify every request at keys. If the doorbell does not work, revocations take half a second longer. Waiting changes are committed, but not in the log.',
      unit: 'short',
      queries: [
        ['sum(gateway_lease_held)', 'gateways with a lease'],
        ['max(keys_gateways_registered)', 'registered gateways'],
        ['sum(gateway_doorbell_listening)', 'gateways with a doorbell'],
        ['max(keys_revocation_outbox_waiting)', 'waiting changes'],
      ],
    },
  ],
  'Verifying keys': [
    {
      title: 'Cache hit rate',
      about: 'The share of genuine keys at the gateway that need no request to keys.',
      unit: 'percentunit',
      queries: [
        [
          'sum by (instance) (rate(gateway_cache_lookups_total{result="hit"}[$__rate_interval])) / sum by (instance) (rate(gateway_cache_lookups_total[$__rate_interval]))',
          '{{instance}}',
        ],
        ['max(gateway_cache_entries / gateway_cache_entries_max)', 'fullest cache'],
      ],
    },
    {
      title: 'Verification requests to keys',
      about: 'As gateways count them, and as keys has answered them.',
      unit: 'reqps',
      queries: [
        ['sum by (outcome) (rate(gateway_verify_requests_total[$__rate_interval]))', 'asked: {{outcome}}'],
        ['sum by (answer) (rate(keys_verify_responses_total[$__rate_interval]))', 'answered: {{answer}}'],
      ],
    },
    {
      title: 'How long keys takes to answer',
      about: 'The verification RPC.',
      unit: 's',
      queries: [
        ['histogram_quantile(0.5, sum by (le) (rate(keys_verify_seconds_bucket[$__rate_interval])))', 'p50'],
        ['histogram_quantile(0.99, sum by (le) (rate(keys_verify_seconds_bucket[$__rate_interval])))', 'p99'],
      ],
    },
    {
      title: 'bcrypt runs',
      about: 'One for each new key, and one for its first use unless Redis has its verdict.',
      unit: 'ops',
      queries: [
        ['sum by (work) (rate(keys_bcrypt_runs_total[$__rate_interval]))', '{{work}}'],
        ['sum by (work) (rate(keys_bcrypt_refused_total[$__rate_interval]))', '{{work}} refused'],
      ],
    },
    {
      title: 'bcrypt queue',
      about:
        'Running and waiting runs, as shares of their maximum. When the queue is full, further runs are refused.',
      unit: 'percentunit',
      queries: [
        [
          'max by (work) (keys_bcrypt_running / on (instance) group_left keys_bcrypt_running_max)',
          '{{work}} running',
        ],
        [
          'max by (work) (keys_bcrypt_waiting / on (instance) group_left keys_bcrypt_waiting_max)',
          '{{work}} waiting',
        ],
      ],
    },
  ],
  'Dependencies and processes': [
    {
      title: 'PostgreSQL: connections',
      about: 'Connections in use, their maximum, and callers waiting for one.',
      unit: 'short',
      queries: [
        ['sum by (job, instance) (database_connections{state="used"})', '{{job}} {{instance}} used'],
        ['max by (job) (database_connections_max)', '{{job}} maximum'],
        ['sum by (job, instance) (database_pool_waiting)', '{{job}} {{instance}} waiting'],
      ],
    },
    {
      title: 'PostgreSQL and Redis: response time',
      about: 'No line: no answer within a second.',
      unit: 's',
      queries: [
        ['max by (job) (database_ping_seconds)', 'PostgreSQL, {{job}}'],
        ['max by (job, connection) (redis_ping_seconds)', 'Redis, {{job}} {{connection}}'],
      ],
    },
    {
      title: 'Redis: connected',
      about: 'By the purpose of the connection.',
      unit: 'bool_on_off',
      queries: [['min by (job, connection) (redis_connected)', '{{job}} {{connection}}']],
    },
    {
      title: 'Instances, CPU and event loop',
      about:
        'If the event loop lags by more than some milliseconds, it has more to do than one core can handle.',
      unit: 'short',
      queries: [
        ['sum by (job) (up)', '{{job}} instances'],
        ['sum by (job) (rate(process_cpu_seconds_total[$__rate_interval]))', '{{job}} cores'],
        ['max by (job) (nodejs_eventloop_lag_p99_seconds)', '{{job}} lag, s'],
      ],
    },
    {
      title: 'Memory',
      about: 'Resident memory of each process.',
      unit: 'short',
      queries: [['process_resident_memory_bytes / 1024 / 1024', '{{job}} {{instance}}, MiB']],
    },
    {
      title: 'Time until certificates expire',
      about: 'The first to expire.',
      unit: 's',
      queries: [
        ['min by (job, setting) (certificate_ends_timestamp_seconds) - time()', '{{job}} {{setting}}'],
      ],
    },
  ],
  'Webhooks and emails': [
    {
      title: 'Attempts to send',
      about:
        'Retried: tried again later. Failed: given up after 24 hours, or since trying again is of no use.',
      unit: 'ops',
      queries: [
        [
          'sum by (channel, outcome) (rate(keys_delivery_attempts_total[$__rate_interval]))',
          '{{channel}} {{outcome}}',
        ],
      ],
    },
    {
      title: 'Waiting',
      about: 'What has not arrived yet, and how old the oldest event for a webhook is.',
      unit: 'short',
      queries: [
        ['max by (channel) (keys_deliveries_waiting)', '{{channel}}'],
        ['max(keys_webhook_oldest_waiting_seconds)', 'oldest for a webhook, s'],
      ],
    },
    {
      title: 'Webhooks by state',
      about: 'Failing: the last event was not taken.',
      unit: 'short',
      queries: [['max by (state) (keys_webhooks)', '{{state}}']],
    },
  ],
};

/** Every expression of the dashboard. */
export const DASHBOARD_EXPRESSIONS: readonly string[] = Object.values(ROWS).flatMap((panels) =>
  panels.flatMap(({ queries }) => queries.map(([expr]) => expr)),
);

const DATASOURCE = { type: 'prometheus', uid: 'prometheus' };
const [WIDTH, HEIGHT, PER_ROW] = [8, 8, 3];

/** The dashboard in Grafana's format: deploy/observability/grafana/dashboards/api-keys.json. */
export function grafanaDashboard(): string {
  const panels: object[] = [];
  let y = 0;
  for (const [title, inRow] of Object.entries(ROWS)) {
    panels.push({ type: 'row', title, collapsed: false, panels: [], gridPos: { x: 0, y: y++, w: 24, h: 1 } });
    for (const [i, panel] of inRow.entries()) {
      const place = {
        x: (i % PER_ROW) * WIDTH,
        y: y + Math.floor(i / PER_ROW) * HEIGHT,
        w: WIDTH,
        h: HEIGHT,
      };
      panels.push(panelAt(panel, place));
    }
    y += Math.ceil(inRow.length / PER_ROW) * HEIGHT;
  }
  const dashboard = {
    uid: 'le-bureau-api-keys',
    title: 'API keys',
    editable: false,
    refresh: '15s',
    schemaVersion: 41,
    time: { from: 'now-1h', to: 'now' },
    panels: panels.map((panel, i) => ({ id: i + 1, ...panel })),
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

function panelAt({ title, about, unit, queries }: Panel, gridPos: object): object {
  return {
    type: 'timeseries',
    title,
    description: about,
    datasource: DATASOURCE,
    gridPos,
    fieldConfig: { defaults: { unit, min: 0, custom: { fillOpacity: 5 } }, overrides: [] },
    options: {
      tooltip: { mode: 'multi', sort: 'desc' },
      legend: { displayMode: 'list', placement: 'bottom' },
    },
    targets: queries.map(([expr, legendFormat], i) => ({
      refId: String.fromCharCode(65 + i),
      datasource: DATASOURCE,
      expr,
      legendFormat,
    })),
  };
}
