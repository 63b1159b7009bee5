import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ServiceProcess, Stack, call, until } from '#libs/testing';
import { FakeUpstream } from '../support/fake-upstream.js';

/** When a service cuts off open requests, in milliseconds since the signal. */
const CUT_OFF_MS = 9000;
/** Enough time for two requests meanwhile, even on a busy machine. */
const DRAIN_SECONDS = 3;

let upstream: FakeUpstream;
let stack: Stack;
beforeAll(async () => {
  upstream = await FakeUpstream.start();
  const env = {
    UPSTREAM_DESKTOPS_URL: upstream.url,
    DRAIN_SECONDS: String(DRAIN_SECONDS),
    FORWARD_AUTH_AUDIENCES: 'reports',
  };
  stack = await Stack.start({ gateways: 3, env });
});
afterAll(async () => {
  await stack.stop();
  await upstream.stop();
});

/** One per test, which stops it. */
function aGateway(which: number): ServiceProcess {
  const gateway = stack.gateways[which];
  if (gateway === undefined) throw new Error('there is no such gateway');
  return gateway;
}

/** Stops a service. Returns its exit code, and how many milliseconds that took. */
async function stopping(service: ServiceProcess): Promise<{ code: unknown; tookMs: number }> {
  const beganAt = performance.now();
  const code = await service.process.stop();
  return { code, tookMs: performance.now() - beganAt };
}

/** Where proxies ask. */
function authorizeUrl({ metricsUrl }: ServiceProcess): string {
  return new URL('/authorize', metricsUrl).href;
}

async function callUntilRefused(url: string, token: string): Promise<never> {
  for (;;) await call(url, token);
}

async function readyz({ url }: ServiceProcess): Promise<number> {
  return (await call(`${url}/readyz`)).status;
}

describe('a stopping service', () => {
  it('reports at once that it is not ready, and serves for DRAIN_SECONDS, asking clients to reconnect', async () => {
    const { token } = await stack.issue();
    const gateway = aGateway(0);
    const before = await call(`${gateway.url}/v1/me`, token);
    expect([before.status, before.headers.get('connection')]).toEqual([200, 'keep-alive']);

    const ended = stopping(gateway);
    await until(async () => (await readyz(gateway)) === 503);
    const after = await call(`${gateway.url}/v1/me`, token);
    expect([after.status, after.headers.get('connection')]).toEqual([200, 'close']);
    const asked = await call(authorizeUrl(gateway), token);
    expect([asked.status, asked.headers.get('connection')]).toEqual([204, 'close']);
    const { code, tookMs } = await ended;
    expect(code).toBe(0);
    expect(tookMs).toBeGreaterThan(DRAIN_SECONDS * 1000);
    await expect(call(`${gateway.url}/healthz`)).rejects.toThrow('fetch failed');
  });

  it('finishes open requests, and does not wait for idle connections', async () => {
    const { token } = await stack.issue();
    const gateway = aGateway(1);
    const spare = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    await once(spare, 'connect');
    let slow: ServerResponse | undefined;
    upstream.respond((_req, res) => (slow = res));
    const reached = upstream.next();
    const answer = call(`${gateway.url}/v1/desktops`, token);
    await reached;

    const ended = stopping(gateway);
    await once(spare, 'close');
    // Proxies go elsewhere, too: the internal port closes with the public one.
    await expect(callUntilRefused(authorizeUrl(gateway), token)).rejects.toThrow('fetch failed');
    slow?.writeHead(200, { 'content-type': 'application/json' }).end('{"desktops":[]}');
    expect(await answer).toMatchObject({ status: 200, body: { desktops: [] } });
    const { code, tookMs } = await ended;
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(CUT_OFF_MS);
  });

  it('cuts off streams only after the grace period, and lets a revoke come into effect', async () => {
    const [streaming, revoked] = [await stack.issue('ada', ['desktop:chat']), await stack.issue()];
    const gateway = aGateway(2);
    upstream.respond((_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      const ticking = setInterval(() => res.write('data: tick\n\n'), 50);
      res.on('close', () => clearInterval(ticking));
    });
    const response = await fetch(`${gateway.url}/v1/desktops/d-1/chat`, {
      method: 'POST',
      headers: { authorization: `Bearer ${streaming.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ message: 'hello' }),
    });
    const reader = response.body?.getReader();
    await reader?.read();
    const [keys] = stack.keys;
    if (keys === undefined) throw new Error('there is no keys service');
    await stack.redis.kill();
    const revoking = stack.manage.revoke(revoked.key.id);
    await committed(revoked.key.id);

    const [gatewayEnds, keysEnds] = [stopping(gateway), stopping(keys.service)];
    const beganAt = performance.now();
    await expect(
      (async () => {
        while ((await reader?.read())?.done === false);
      })(),
    ).rejects.toThrow('terminated');
    expect(performance.now() - beganAt).toBeGreaterThan(CUT_OFF_MS - 1);
    expect((await gatewayEnds).code).toBe(0);
    expect(await revoking).toMatchObject({ effective: true, how: 'cache-ttl' });
    expect((await keysEnds).code).toBe(0);
  });
});

/** Waits until the database has the revocation, which is not in effect yet. */
async function committed(id: string): Promise<void> {
  for (;;) if ((await stack.manage.get(id)).state === 'revoked') return;
}
