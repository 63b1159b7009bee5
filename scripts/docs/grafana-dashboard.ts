/** A line in a panel: what is asked, and what its lines are called. */
type Query = readonly [expr: string, legend: string];

/** One question of an operator, and its answer. */
interface Panel {
  readonly title: string;
  readonly about: string;
  readonly unit: 'reqps' | 's' | 'short' | 'percentunit' | 'bool_on_off' | 'ops';
  readonly queries: readonly Query[];
}

/** The two paths that are about health alone would hide everything else. */
const REAL = 'route!~"/healthz|/readyz"';

const ROWS: Readonly<Record<string, readonly Panel[]>> = {
  'What callers see': [
    {
      title: 'Requests by status',
      about: 'Answers a second of each service, without those about health.',
      unit: 'reqps',
      queries: [
        [
          `sum by (job, status) (rate(http_request_duration_seconds_count{${REAL}}[$__rate_interval]))`,
          '{{job}} {{status}}',
        ],
      ],
    },
    {
      title: 'Who is refused at the gateway, and why',
      about: 'Refusals a second, by the reason in the log, which has the key ids.',
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
      about: 'Until the last byte, and so as long as streams last.',
      unit: 's',
      queries: [
        [
          `histogram_quantile(0.99, sum by (le, job, route) (rate(http_request_duration_seconds_bucket{${REAL}}[$__rate_interval])))`,
          '{{job}} {{route}}',
        ],
      ],
    },
    {
      title: 'Refused at keys and at the dashboard',
      about: 'The management API, and people who sign in.',
      unit: 'reqps',
      queries: [
        [
          'sum by (job, reason) (rate(http_requests_refused_total{job!="gateway"}[$__rate_interval]))',
          '{{job}} {{reason}}',
        ],
      ],
    },
    {
      title: 'Open responses, and addresses shut out',
      about: 'Streams among the former. The latter have sent too many keys that were refused.',
      unit: 'short',
      queries: [
        ['sum(gateway_responses_open)', 'open responses'],
        ['sum(gateway_blocked_networks)', 'addresses shut out'],
      ],
    },
    {
      title: 'Services behind the gateway: failures, and how full',
      about: 'Failures a second by reason; and the share of the requests that may be open to each.',
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
      title: 'How long changes take until they are in effect',
      about: 'From the commit to the last gateway. The bound is 2.2 s, and 11 s while Redis is away.',
      unit: 's',
      queries: [
        [
          'histogram_quantile(0.5, sum by (le) (rate(keys_revocation_effective_seconds_bucket[5m])))',
          'half within',
        ],
        [
          'histogram_quantile(0.99, sum by (le) (rate(keys_revocation_effective_seconds_bucket[5m])))',
          '99 % within',
        ],
      ],
    },
    {
      title: 'How they came to be in effect',
      about: 'By the word of every gateway, by the end of leases, or by the time that caches live.',
      unit: 'ops',
      queries: [['sum by (how) (rate(keys_revocation_effective_seconds_count[5m]))', '{{how}}']],
    },
    {
      title: 'Lease, followers, doorbell, and what waits',
      about:
        'Gateways without a lease verify every request at keys. Where the doorbell does not ring, revocations take half a second longer. What waits is committed, and not in the log.',
      unit: 'short',
      queries: [
        ['sum(gateway_lease_held)', 'gateways with a lease'],
        ['max(keys_gateways_registered)', 'gateways that follow'],
        ['sum(gateway_doorbell_listening)', 'gateways that the doorbell reaches'],
        ['max(keys_revocation_outbox_waiting)', 'changes that wait'],
      ],
    },
  ],
  'Verifying keys': [
    {
      title: 'Cache hit rate',
      about: 'Of genuine keys at the gateway: whether keys need not be asked.',
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
      title: 'Questions to keys',
      about: 'As gateways see them, and as keys has answered them.',
      unit: 'reqps',
      queries: [
        ['sum by (outcome) (rate(gateway_verify_requests_total[$__rate_interval]))', 'asked: {{outcome}}'],
        ['sum by (answer) (rate(keys_verify_responses_total[$__rate_interval]))', 'answered: {{answer}}'],
      ],
    },
    {
      title: 'How long keys takes to answer',
      about: 'At the verification RPC.',
      unit: 's',
      queries: [
        [
          'histogram_quantile(0.5, sum by (le) (rate(keys_verify_seconds_bucket[$__rate_interval])))',
          'half within',
        ],
        [
          'histogram_quantile(0.99, sum by (le) (rate(keys_verify_seconds_bucket[$__rate_interval])))',
          '99 % within',
        ],
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
      about: 'Running and waiting, as shares of what may. At 100 % of the latter, further ones are refused.',
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
  'What it stands on': [
    {
      title: 'PostgreSQL: connections',
      about: 'Used ones of those that there may be, and who waits for one.',
      unit: 'short',
      queries: [
        ['sum by (job, instance) (database_connections{state="used"})', '{{job}} {{instance}} used'],
        ['max by (job) (database_connections_max)', '{{job}} at most'],
        ['sum by (job, instance) (database_pool_waiting)', '{{job}} {{instance}} waiting'],
      ],
    },
    {
      title: 'PostgreSQL and Redis: time to answer',
      about: 'No line: not within a second.',
      unit: 's',
      queries: [
        ['max by (job) (database_ping_seconds)', 'PostgreSQL, {{job}}'],
        ['max by (job, connection) (redis_ping_seconds)', 'Redis, {{job}} {{connection}}'],
      ],
    },
    {
      title: 'Redis: connected',
      about: 'By what the connection is for.',
      unit: 'bool_on_off',
      queries: [['min by (job, connection) (redis_connected)', '{{job}} {{connection}}']],
    },
    {
      title: 'Instances, processor and event loop',
      about: 'An event loop that lags by more than some milliseconds has more to do than one core can.',
      unit: 'short',
      queries: [
        ['sum by (job) (up)', '{{job}} instances'],
        ['sum by (job) (rate(process_cpu_seconds_total[$__rate_interval]))', '{{job}} cores'],
        ['max by (job) (nodejs_eventloop_lag_p99_seconds)', '{{job}} lag, s'],
      ],
    },
    {
      title: 'Memory',
      about: 'Resident, of each process.',
      unit: 'short',
      queries: [['process_resident_memory_bytes / 1024 / 1024', '{{job}} {{instance}}, MiB']],
    },
    {
      title: 'Until certificates end',
      about: 'The first of them.',
      unit: 's',
      queries: [
        ['min by (job, setting) (certificate_ends_timestamp_seconds) - time()', '{{job}} {{setting}}'],
      ],
    },
  ],
};

/** Every expression of the dashboard. */
export const DASHBOARD_EXPRESSIONS: readonly string[] = Object.values(ROWS).flatMap((panels) =>
  panels.flatMap(({ queries }) => queries.map(([expr]) => expr)),
);

const DATASOURCE = { type: 'prometheus', uid: 'prometheus' };
const [WIDTH, HEIGHT, PER_ROW] = [8, 8, 3];

/** The dashboard as Grafana reads it: deploy/observability/grafana/dashboards/api-keys.json. */
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
