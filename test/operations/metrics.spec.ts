import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeyFormat, newKeyId } from '#libs/key-format';
import { Stack, TEST_SECRETS, call, until } from '#libs/testing';
import { FakeUpstream } from '../support/fake-upstream.js';

describe('metrics show', () => {
  let stack: Stack;
  let upstream: FakeUpstream;
  beforeAll(async () => {
    upstream = await FakeUpstream.start();
    const env = {
      UPSTREAM_DESKTOPS_URL: upstream.url,
      UPSTREAM_KB_URL: 'http://127.0.0.1:1',
      FAILED_AUTHENTICATIONS_PER_MINUTE: '3',
      TRUSTED_PROXIES: '127.0.0.1',
      WEBHOOK_ALLOW_PRIVATE: 'true',
    };
    stack = await Stack.start({ gateways: 2, env });
  });
  afterAll(async () => {
    await upstream.stop();
    await stack.stop();
  });

  const keys = (name: string): Promise<string[] | undefined> =>
    Promise.resolve(stack.keys[0]?.service.metrics(name));
  const gateway = (name: string): Promise<string[] | undefined> =>
    Promise.resolve(stack.gateways[0]?.metrics(name));

  /** The value of one metric, which must exist. */
  async function valueOf(shown: Promise<string[] | undefined>): Promise<number> {
    const [line = ''] = (await shown) ?? [];
    return line === '' ? NaN : Number(line.split(' ').at(-1));
  }

  it('how long changes take to come into effect, and how they do', async () => {
    await until(async () => (await keys('keys_gateways_registered'))?.[0] === 'keys_gateways_registered 2');
    const beganAt = performance.now();
    // If a busy machine keeps a gateway from acknowledging, the revoke waits for the lease.
    const isAcknowledged = async () =>
      (await stack.manage.revoke((await stack.issue()).key.id)).how === 'acknowledged';
    await until(isAcknowledged);
    const [count] = (await keys('keys_revocation_effective_seconds_count{how="acknowledged"}')) ?? [];
    expect(count).toBe('keys_revocation_effective_seconds_count{how="acknowledged"} 1');
    const [sum] = (await keys('keys_revocation_effective_seconds_sum')) ?? [];
    const seconds = Number(sum?.split(' ')[1]);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan((performance.now() - beganAt) / 1000);
  });

  it('that the outbox is empty', async () => {
    await until(
      async () => (await keys('keys_revocation_outbox_waiting'))?.[0] === 'keys_revocation_outbox_waiting 0',
    );
  });

  it('whether a gateway holds its lease', async () => {
    await until(async () => (await gateway('gateway_lease_held'))?.[0] === 'gateway_lease_held 1');
    stack.network.gatewaysToRedis.cut();
    await until(async () => (await gateway('gateway_lease_held'))?.[0] === 'gateway_lease_held 0');
    stack.network.gatewaysToRedis.mend();
    await until(async () => (await gateway('gateway_lease_held'))?.[0] === 'gateway_lease_held 1');
  });

  it('refusals by reason, at the gateway and at the verification RPC', async () => {
    const { token } = await stack.issue();
    const genuine = new KeyFormat({ prefix: 'sk_live', tagSecrets: [TEST_SECRETS.KEY_TAG_SECRET] });
    const from = (address: string): RequestInit => ({ headers: { 'x-forwarded-for': address } });
    const me = `${stack.gatewayUrl}/v1/me`;
    expect((await call(`${stack.gatewayUrl}/v1/schedules`, token)).status).toBe(403);
    expect((await call(me, genuine.print(newKeyId()).text, from('192.0.2.1'))).status).toBe(401);
    for (let i = 0; i < 3; i++) await call(me, 'sk_live_madeup', from('192.0.2.2'));
    expect((await call(me, 'sk_live_madeup', from('192.0.2.2'))).status).toBe(429);
    for (const [reason, times] of [
      ['insufficient_scope', 1],
      ['unknown', 1],
      ['malformed', 3],
      ['too_many_failures', 1],
    ] as const)
      expect(await gateway(`http_requests_refused_total{reason="${reason}"}`)).toEqual([
        `http_requests_refused_total{reason="${reason}"} ${times}`,
      ]);
    expect(await keys('keys_verify_responses_total{answer="unknown"}')).toEqual([
      'keys_verify_responses_total{answer="unknown"} 1',
    ]);
    expect(await valueOf(keys('keys_verify_seconds_count'))).toBeGreaterThanOrEqual(2);
    expect(await valueOf(gateway('gateway_blocked_networks'))).toBe(1);
  });

  it('cache hits, and the outcomes of verification requests', async () => {
    await until(async () => (await gateway('gateway_lease_held'))?.[0] === 'gateway_lease_held 1');
    const read = async (): Promise<number[]> => [
      await valueOf(gateway('gateway_cache_lookups_total{result="hit"}')),
      await valueOf(gateway('gateway_cache_lookups_total{result="miss"}')),
      await valueOf(gateway('gateway_verify_requests_total{outcome="valid"}')),
    ];
    const [hits = NaN, misses = NaN, valid = NaN] = await read();
    const { token } = await stack.issue();
    for (let i = 0; i < 3; i++) expect((await call(`${stack.gatewayUrl}/v1/me`, token)).status).toBe(200);
    expect(await read()).toEqual([hits + 2, misses + 1, valid + 1]);
    expect(await valueOf(gateway('gateway_cache_entries'))).toBeGreaterThan(0);
    expect(await valueOf(gateway('gateway_cache_entries_max'))).toBe(100_000);
  });

  it('the duration of each route, and failures of the services behind it', async () => {
    const { token } = await stack.issue('ada', ['desktop:read', 'kb:read']);
    expect((await call(`${stack.gatewayUrl}/v1/desktops/d-1`, token)).status).toBe(200);
    expect((await call(`${stack.gatewayUrl}/v1/kb/search?q=x`, token)).status).toBe(503);
    const route = 'route="/v1/desktops/:id",method="GET",status="2xx"';
    expect(await valueOf(gateway(`http_request_duration_seconds_count{${route}}`))).toBe(1);
    expect(await gateway('gateway_upstream_failures_total')).toEqual([
      'gateway_upstream_failures_total{service="kb",reason="upstream_unreachable"} 1',
    ]);
    expect(await gateway('gateway_upstream_requests_max')).toContain(
      'gateway_upstream_requests_max{service="desktops"} 512',
    );
  });

  it('an open stream, as a response and as a request to the service', async () => {
    const { token } = await stack.issue();
    upstream.respond((_req, res) => void res.writeHead(200, { 'content-type': 'text/plain' }).write('one'));
    const ending = new AbortController();
    await fetch(`${stack.gatewayUrl}/v1/desktops`, {
      headers: { authorization: `Bearer ${token}` },
      signal: ending.signal,
    });
    expect(await valueOf(gateway('gateway_responses_open'))).toBe(1);
    expect(await valueOf(gateway('gateway_upstream_requests_open{service="desktops"}'))).toBe(1);
    ending.abort();
    await until(async () => (await valueOf(gateway('gateway_responses_open'))) === 0);
    await until(
      async () => (await valueOf(gateway('gateway_upstream_requests_open{service="desktops"}'))) === 0,
    );
    expect(await valueOf(gateway('gateway_responses_cut_off_total'))).toBe(0);
    const { token: doomed, key } = await stack.issue();
    const cutOff = await fetch(`${stack.gatewayUrl}/v1/desktops`, {
      headers: { authorization: `Bearer ${doomed}` },
    });
    await stack.manage.revoke(key.id);
    await expect(cutOff.text()).rejects.toThrow('terminated');
    expect(await valueOf(gateway('gateway_responses_cut_off_total'))).toBe(1);
    // A client that has disconnected or was cut off is not a failure of the service.
    expect((await gateway('gateway_upstream_failures_total{service="desktops"'))?.length).toBe(0);
  });

  it('bcrypt runs, and their maximum', async () => {
    const before = await valueOf(keys('keys_bcrypt_runs_total{work="hash"}'));
    await stack.issue();
    expect(await valueOf(keys('keys_bcrypt_runs_total{work="hash"}'))).toBe(before + 1);
    expect(await valueOf(keys('keys_bcrypt_runs_total{work="compare"}'))).toBe(0);
    expect(await valueOf(keys('keys_bcrypt_waiting{work="hash"}'))).toBe(0);
    expect(await valueOf(keys('keys_bcrypt_running_max'))).toBe(2);
    expect(await valueOf(keys('keys_bcrypt_waiting_max'))).toBe(8);
    expect(await valueOf(keys('keys_bcrypt_refused_total{work="hash"}'))).toBe(0);
  });

  it('webhooks by state, and what waits for them', async () => {
    const waiting = (): Promise<number> => valueOf(keys('keys_webhook_oldest_waiting_seconds'));
    expect(await waiting()).toBe(0);
    const add = (enabled: boolean) => stack.manage.createWebhook({ url: 'http://127.0.0.1:1/', enabled });
    const added = [await add(true), await add(false)];
    await stack.issue();
    await until(async () => (await valueOf(keys('keys_webhooks{state="failing"}'))) === 1);
    expect(await valueOf(keys('keys_webhooks{state="disabled"}'))).toBe(1);
    expect(await valueOf(keys('keys_webhooks{state="working"}'))).toBe(0);
    expect(await waiting()).toBeGreaterThan(0);
    expect(await valueOf(keys('keys_deliveries_waiting{channel="webhook"}'))).toBe(1);
    const retried = 'keys_delivery_attempts_total{channel="webhook",outcome="retried"}';
    await until(async () => (await valueOf(keys(retried))) >= 1);
    for (const { webhook } of added) await stack.manage.removeWebhook(webhook.id);
    await until(async () => (await waiting()) === 0);
  });

  it('the state of PostgreSQL and Redis, without hanging on one that is down', async () => {
    expect(await valueOf(keys('database_connections_max'))).toBe(10);
    expect(await valueOf(keys('database_connections{state="used"}'))).toBeGreaterThanOrEqual(2);
    expect(await valueOf(keys('database_pool_waiting'))).toBe(0);
    expect(await valueOf(keys('database_ping_seconds'))).toBeGreaterThan(0);
    for (const connection of ['revocations', 'verdicts'])
      expect(await valueOf(keys(`redis_connected{connection="${connection}"}`))).toBe(1);
    for (const connection of ['revocations', 'rate-limits'])
      expect(await valueOf(gateway(`redis_ping_seconds{connection="${connection}"}`))).toBeGreaterThan(0);
    stack.network.keysToDatabase.cut();
    stack.network.keysToRedis.cut();
    await until(async () => (await valueOf(keys('redis_connected{connection="verdicts"}'))) === 0);
    expect(await keys('database_ping_seconds')).toEqual(['database_ping_seconds Nan']);
    expect(await keys('redis_ping_seconds{connection="verdicts"}')).toEqual([
      'redis_ping_seconds{connection="verdicts"} Nan',
    ]);
    stack.network.keysToDatabase.mend();
    stack.network.keysToRedis.mend();
    await until(async () => (await valueOf(keys('redis_connected{connection="verdicts"}'))) === 1);
  });

  it('nothing on the public ports', async () => {
    expect((await call(`${stack.keysUrl}/metrics`)).status).toBe(404);
    expect((await call(`${stack.gatewayUrl}/metrics`)).status).toBe(404);
  });
});
