import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Stack, TEST_SECRETS, call, freePort, startGatewayProcess } from '#libs/testing';
import { Collector } from './collector.js';
import { FakeUpstream } from '../support/fake-upstream.js';
import { Visitor } from '../dashboard/visitor.js';

/** The kinds of spans, as OTLP numbers them. */
const [SERVER, CLIENT] = [2, 3];

describe('traces', () => {
  let collector: Collector;
  let upstream: FakeUpstream;
  let stack: Stack;
  beforeAll(async () => {
    [collector, upstream] = await Promise.all([Collector.start(), FakeUpstream.start()]);
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, UPSTREAM_DESKTOPS_URL: upstream.url };
    stack = await Stack.start({ dashboards: 1, env });
  });
  afterAll(async () => {
    await stack.stop();
    await Promise.all([collector.stop(), upstream.stop()]);
  });

  it('lead from the gateway to keys and to the service behind it, with one ID', async () => {
    const { token, key } = await stack.issue();
    const reaching = upstream.next();
    await call(`${stack.gatewayUrl}/v1/desktops/d-1`, token, {
      headers: { 'x-request-id': 'request-0123456' },
    });
    const [server] = await collector.find(
      ({ attributes }) => attributes['le_bureau.request.id'] === 'request-0123456',
    );
    const inTrace = await collector.find(({ traceId }) => traceId === server?.traceId, 4);
    const asked = inTrace.find(({ kind, name }) => kind === CLIENT && name === 'verify.v3');
    const verified = inTrace.find(({ kind, service }) => kind === SERVER && service === 'keys');
    const forwarded = inTrace.find(({ kind, name }) => kind === CLIENT && name === 'GET');
    expect(server).toMatchObject({
      service: 'gateway',
      name: 'GET /v1/desktops/:id',
      kind: SERVER,
      attributes: {
        'http.request.method': 'GET',
        'http.route': '/v1/desktops/:id',
        'http.response.status_code': 200,
        'le_bureau.key.id': key.id,
      },
    });
    expect(asked).toMatchObject({ service: 'gateway', parentSpanId: server?.spanId });
    expect(verified).toMatchObject({
      name: 'verify.v3',
      parentSpanId: asked?.spanId,
      attributes: { 'le_bureau.outcome': 'valid' },
    });
    expect(forwarded).toMatchObject({
      service: 'gateway',
      parentSpanId: server?.spanId,
      attributes: { 'peer.service': 'desktops', 'http.response.status_code': 200 },
    });
    const { headers } = await reaching;
    expect(headers.traceparent).toBe(`00-${server?.traceId ?? ''}-${forwarded?.spanId ?? ''}-01`);
    await stack.gateways[0]?.process.waitForOutput(`"traceId":"${server?.traceId ?? ''}"`);
  });

  it('lead from the dashboard to keys, after the body was read', async () => {
    const ada = new Visitor(stack.dashboardUrl);
    await ada.signUp();
    await ada.makeKey();
    const [made] = await collector.find(({ name }) => name === 'POST /api/keys');
    const [issued] = await collector.find(
      ({ traceId, name }) => traceId === made?.traceId && name === 'POST /owners/:ownerId/keys',
    );
    expect(made).toMatchObject({ service: 'dashboard', kind: SERVER });
    const [asked] = await collector.find(({ spanId }) => spanId === issued?.parentSpanId);
    expect(issued).toMatchObject({ service: 'keys', kind: SERVER });
    expect(asked).toMatchObject({ service: 'dashboard', kind: CLIENT, parentSpanId: made?.spanId });
  });

  it('start at the gateway, linked to the client’s trace, which is not forwarded', async () => {
    const { token } = await stack.issue();
    const theirs = randomBytes(16).toString('hex');
    const reaching = upstream.next();
    await call(`${stack.gatewayUrl}/v1/desktops`, token, {
      headers: { traceparent: `00-${theirs}-00f067aa0ba902b7-01`, tracestate: 'vendor=theirs' },
    });
    const [server] = await collector.find(({ links }) => links?.[0]?.traceId === theirs);
    expect(server).toMatchObject({ service: 'gateway', kind: SERVER });
    expect(server?.traceId).not.toBe(theirs);
    const { headers } = await reaching;
    expect(headers.traceparent).toContain(server?.traceId);
    expect(headers.tracestate).toBeUndefined();
  });

  it('contain no secrets', async () => {
    const { token } = await stack.issue('eve');
    const secrets = ['a-word-in-a-query', 'a-word-in-a-path', 'a-word-in-a-body', 'eve@example.com'];
    const odd = `${stack.gatewayUrl}/v1/desktops/a-word-in-a-path`;
    const init = { headers: { 'x-request-id': 'request-of-eve-1' } };
    await call(`${odd}?token=a-word-in-a-query`, token, init);
    await call(`${odd}/chat`, token, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"message":"a-word-in-a-body"}',
    });
    await call(`${stack.gatewayUrl}/v1/${token}`, `${token}x`, {
      headers: { 'x-request-id': 'request-of-eve-2' },
    });
    for (const last of ['1', '2'])
      await collector.find(
        ({ attributes }) => attributes['le_bureau.request.id'] === `request-of-eve-${last}`,
      );
    expect(collector.received).toContain('/v1/traces');
    for (const secret of [...secrets, token.slice(-46), ...Object.values(TEST_SECRETS)])
      expect(collector.received).not.toContain(secret);
    expect(collector.received.toLowerCase()).not.toContain('bearer');
    expect(collector.received).not.toContain('better-auth');
  });

  it('do not delay requests while the collector is down, which is logged once', async () => {
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    const gateway = await startGatewayProcess({ ...stack.env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    const { token } = await stack.issue();
    for (let i = 0; i < 20; i++) expect((await call(`${gateway.url}/v1/me`, token)).status).toBe(200);
    await gateway.process.waitForOutput('the collector does not accept traces');
    expect((await call(`${gateway.url}/v1/me`, token)).status).toBe(200);
    expect(await gateway.process.stop()).toBe(0);
    expect(gateway.process.stdout.split('the collector does not accept traces')).toHaveLength(2);
  });
});
