import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from 'undici';
import { ManageClient } from '#libs/keys-client';
import { type ServiceProcess, Stack, TEST_SECRETS, noteIssued, startDashboardProcess } from '#libs/testing';
import { Balancer } from './balancer.js';
import { FakeUpstream } from '../support/fake-upstream.js';
import { Visitor } from '../dashboard/visitor.js';

/** How long a stopping service keeps serving, in seconds: many of the balancer's checks. */
const DRAIN_SECONDS = 2;
/** How long the service behind the gateways takes, so that requests are open when a gateway accepts no new ones. */
const WORK_MS = (DRAIN_SECONDS + 0.5) * 1000;

/** When an empty query of PostgreSQL counts as slow, in milliseconds: it usually takes one or two. */
const SLOW_MS = 200;

let upstream: FakeUpstream;
let stack: Stack;
let dashboards: ServiceProcess[];
let balancers: Record<'keys' | 'gateway' | 'dashboard', Balancer>;

beforeAll(async () => {
  upstream = await FakeUpstream.start();
  upstream.respond((_req, res) => void sleep(WORK_MS).then(() => res.end('{"desktops":[]}')));
  const env = { UPSTREAM_DESKTOPS_URL: upstream.url, DRAIN_SECONDS: String(DRAIN_SECONDS) };
  stack = await Stack.start({ gateways: 3, keys: 2, env });
  const [keys, gateway, dashboard] = await Promise.all([
    Balancer.start(),
    Balancer.start(),
    Balancer.start(),
  ]);
  balancers = { keys, gateway, dashboard };
  const behind = { KEYS_MANAGE_URL: keys.url, GATEWAY_URL: gateway.url, DASHBOARD_URL: dashboard.url };
  const dashboardEnv = { ...stack.env, ...behind };
  dashboards = await Promise.all([startDashboardProcess(dashboardEnv), startDashboardProcess(dashboardEnv)]);
  await Promise.all([
    keys.add(stack.keys.map(({ service }) => service.url)),
    gateway.add(stack.gateways.map(({ url }) => url)),
    dashboard.add(dashboards.map(({ url }) => url)),
  ]);
});
afterAll(async () => {
  await Promise.all(dashboards.map(({ process }) => process.stop()));
  await stack.stop();
  await Promise.all([...Object.values(balancers).map((balancer) => balancer.stop()), upstream.stop()]);
});

/**
 * Sends empty queries to PostgreSQL. If one takes long, the machine stands still: then gateways wait for a second, as they
 * should, and respond with 503. Failures in such a moment say nothing about restarts.
 */
class StallWatch {
  /** When a slow query was last over. */
  #slowAt = -Infinity;
  #beganAt = Infinity;
  readonly #stopping = new AbortController();
  readonly #beating = this.#beat();

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#beating;
  }

  /** Whether any query was slow since `from`. */
  wasSlowSince(from: number): boolean {
    return this.#slowAt >= from || this.#isSlow();
  }

  async #beat(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#beganAt = performance.now();
      await stack.database.query('SELECT 1');
      if (this.#isSlow()) this.#slowAt = performance.now();
      this.#beganAt = Infinity;
      await sleep(50);
    }
  }

  #isSlow(): boolean {
    return performance.now() - this.#beganAt > SLOW_MS;
  }
}

/** Does something repeatedly, and counts. Keeps the first failure of each kind. */
class Traffic {
  readonly done: Record<string, number> = {};
  readonly failures = new Set<string>();
  /** Failures while the machine stood still. */
  excused = 0;
  readonly #stalls = new StallWatch();
  #isOver = false;
  readonly #running: Promise<void>[] = [];

  /** If `work` rejects, it counts as a failed request. */
  add(name: string, work: () => Promise<void>): void {
    this.#running.push(this.#repeat(name, work));
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#running);
    await this.#stalls.stop();
  }

  async #repeat(name: string, work: () => Promise<void>): Promise<void> {
    while (!this.#isOver) {
      const beganAt = performance.now();
      try {
        await work();
        this.done[name] = (this.done[name] ?? 0) + 1;
      } catch (err) {
        if (this.#stalls.wasSlowSince(beganAt)) this.excused++;
        else this.failures.add(`${name}: ${String(err)}`);
      }
      await sleep(5);
    }
  }
}

/** A client with one persistent connection. Rejects unless the response has `status`. */
function keptConnection(): (path: string, token: string, status: number) => Promise<void> {
  const client = new Client(balancers.gateway.url);
  return async (path, token, status) => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await client.request({ method: 'GET', path, headers });
    const text = await answer.body.text();
    if (answer.statusCode !== status) throw new Error(`${path} answered ${answer.statusCode}: ${text}`);
  };
}

/** Starts everything that people and programs do. */
async function startTraffic(): Promise<Traffic> {
  const traffic = new Traffic();
  const { token } = await stack.issue();
  for (let i = 0; i < 4; i++) {
    const get = keptConnection();
    traffic.add('GET /v1/me', () => get('/v1/me', token, 200));
  }
  const getSlowly = keptConnection();
  traffic.add('GET /v1/desktops', () => getSlowly('/v1/desktops', token, 200));

  const credential = TEST_SECRETS.KEYS_MANAGE_TOKEN;
  const manage = new ManageClient({ url: balancers.keys.url, credential });
  const use = keptConnection();
  traffic.add('issue, use, revoke, use', async () => {
    const issued = await manage.issue('ada', { name: 'x', capabilities: ['kb:read'] });
    noteIssued(issued.token);
    await use('/v1/me', issued.token, 200);
    await manage.revoke(issued.key.id);
    await use('/v1/me', issued.token, 401);
  });

  const visitor = new Visitor(balancers.dashboard.url);
  await visitor.signUp();
  traffic.add('make a key, list, revoke on the dashboard', async () => {
    const made = await visitor.makeKey();
    const listed = await visitor.get('/api/keys');
    const revoked = await visitor.post(`/api/keys/${made.body.key?.id}/revoke`);
    const statuses = [made, listed, revoked].map(({ status }) => status);
    if (statuses.join() !== '201,200,200') throw new Error(`answered ${statuses.join(', ')}`);
  });
  return traffic;
}

it('no request fails while every service is restarted under load, one instance after the other', async () => {
  const traffic = await startTraffic();
  const figures: string[] = [];
  const restart = async (name: keyof typeof balancers, service: ServiceProcess): Promise<void> => {
    const beganAt = performance.now();
    expect(await service.process.stop()).toBe(0);
    const stoppedAt = performance.now();
    await service.restart();
    await balancers[name].untilReady(service.url);
    const [stopMs, startMs] = [stoppedAt - beganAt, performance.now() - stoppedAt].map(Math.round);
    figures.push(`${name}: gone after ${stopMs} ms, ready again after ${startMs} ms more`);
  };
  for (const gateway of stack.gateways) await restart('gateway', gateway);
  for (const { service } of stack.keys) await restart('keys', service);
  for (const dashboard of dashboards) await restart('dashboard', dashboard);
  await traffic.end();

  process.stderr.write(
    `\n${figures.join('\n')}\n${JSON.stringify(traffic.done)}, ${traffic.excused} failed while the machine stood still\n`,
  );
  expect([...traffic.failures]).toEqual([]);
  for (const count of Object.values(traffic.done)) expect(count).toBeGreaterThan(0);
  expect(Object.keys(traffic.done)).toHaveLength(4);
});
