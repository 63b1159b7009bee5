import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generate } from 'selfsigned';
import { Stack, runFolder } from '#libs/testing';
import { DASHBOARD_EXPRESSIONS, grafanaDashboard } from '../../scripts/docs/grafana-dashboard.js';

const ROOT = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const alerts = read('deploy/observability/alerts.yml');
const matches = (text: string, shape: RegExp): string[] =>
  [...text.matchAll(shape)].map(([, one = '']) => one);

const NAMES = matches(alerts, /- alert: (\w+)/g);
const EXPRESSIONS = matches(alerts, /expr: (.+)/g);

/** The names of metrics in a PromQL expression: what is left without texts, labels, functions and keywords. */
function metricsIn(expr: string): string[] {
  const bare = expr
    .replace(/"[^"]*"/g, '')
    .replace(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .replace(/\b(by|on|without|ignoring)\s*\([^)]*\)/g, '')
    .replace(/\b(and|or|unless|group_left|group_right)\b/g, '');
  return matches(bare, /\b([a-zA-Z_][\w:]*)\b(?!\s*\()/g);
}

/** Metrics that Prometheus adds. */
const OF_PROMETHEUS = 'up';

describe('the configuration of Prometheus and Grafana', () => {
  let stack: Stack;
  const shown = new Set<string>([OF_PROMETHEUS]);
  beforeAll(async () => {
    const { cert } = await generate([{ name: 'commonName', value: 'keys.internal' }]);
    stack = await Stack.start({ dashboards: 1, env: { KEYS_TLS_CA: cert } });
    const services = [...stack.keys.map(({ service }) => service), ...stack.gateways, ...stack.dashboards];
    for (const service of services)
      for (const line of await service.metrics('# TYPE ')) {
        const [, , name = '', type = ''] = line.split(' ');
        const parts = type === 'histogram' ? ['_bucket', '_count', '_sum'] : [''];
        for (const part of parts) shown.add(name + part);
      }
  });
  afterAll(() => stack.stop());

  it('only uses metrics that a running stack shows', () => {
    expect(metricsIn('sum by (le) (rate(a_total{b="c"}[5m])) / on (d) group_left e > time() - 3')).toEqual([
      'a_total',
      'e',
    ]);
    const named = [...EXPRESSIONS, ...DASHBOARD_EXPRESSIONS].flatMap(metricsIn);
    expect(new Set(named).size).toBeGreaterThan(20);
    expect(named.filter((name) => !shown.has(name))).toEqual([]);
  });

  it('is valid for Prometheus, and each alert fires when it should and not otherwise', () => {
    const run = (...args: string[]): void => {
      const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: ROOT, encoding: 'utf8' });
      expect({ args, status, said: status === 0 ? '' : stdout + stderr }).toMatchObject({ status: 0 });
    };
    run('check', 'config', 'deploy/observability/prometheus.yml');
    run('test', 'rules', 'deploy/observability/alerts.test.yml');
    // Grafana's queries as rules, since promtool reads nothing else. JSON is YAML.
    const rules = DASHBOARD_EXPRESSIONS.map((expr, i) => ({
      record: `dashboard:${i}`,
      expr: expr.replaceAll('$__rate_interval', '1m'),
    }));
    const asRules = join(runFolder(), 'dashboard-rules.yml');
    writeFileSync(asRules, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    run('check', 'rules', asRules);
  });

  it('has a test and an entry in the runbook for each alert', () => {
    const [tests, operations] = [read('deploy/observability/alerts.test.yml'), read('docs/operations.md')];
    const runbook = operations.split(/^## /m).find((section) => section.startsWith('Runbook')) ?? '';
    expect(NAMES.length).toBeGreaterThan(10);
    expect(EXPRESSIONS).toHaveLength(NAMES.length);
    expect(matches(runbook, /^### (\w+)$/gm).sort()).toEqual([...NAMES].sort());
    for (const name of NAMES) {
      expect(alerts).toContain(`runbook_url: docs/operations.md#${name.toLowerCase()}\n`);
      expect(tests).toContain(`- alertname: ${name}\n`);
    }
  });

  it('is only published on the loopback address', () => {
    const published = matches(read('deploy/observability/compose.yml'), /ports: (.+)/g);
    expect(published).toHaveLength(2);
    for (const ports of published) expect(ports).toMatch(/^\['127\.0\.0\.1:[^,]+'\]$/);
  });

  it('has the dashboard as generated from the code (else run npm run docs)', () => {
    expect(read('deploy/observability/grafana/dashboards/api-keys.json')).toBe(grafanaDashboard());
  });
});
