import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type RunningProcess, Stack } from '#libs/testing';
import { FakeUpstream } from '../support/fake-upstream.js';

let upstream: FakeUpstream;
let stack: Stack;
beforeAll(async () => {
  upstream = await FakeUpstream.start();
  stack = await Stack.start({ env: { UPSTREAM_DESKTOPS_URL: upstream.url } });
});
afterAll(async () => {
  await stack.stop();
  await upstream.stop();
});
afterEach(() => upstream.respond());

describe('the gateway logs one line per request, once it is over', () => {
  it('when it was answered, without its query', async () => {
    const { token, key } = await stack.issue();
    const { ask, line } = request(token);
    await (await ask('/v1/desktops?limit=7')).text();
    expect(await line()).toEqual({
      level: 'info',
      time: expect.stringMatching(/Z$/),
      service: 'gateway',
      requestId: expect.any(String),
      method: 'GET',
      path: '/v1/desktops',
      status: 200,
      durationMs: expect.any(Number),
      keyId: key.id,
      msg: 'request',
    });
  });

  it('when it was refused, with the reason', async () => {
    const { token, key } = await stack.issue('ada', ['kb:read']);
    const { ask, line } = request(token);
    await (await ask('/v1/desktops')).text();
    expect(await line()).toMatchObject({ status: 403, keyId: key.id, reason: 'insufficient_scope' });
  });

  it('when the client disconnected before the response', async () => {
    upstream.respond(() => undefined);
    const leaving = new AbortController();
    const { token, key } = await stack.issue();
    const { ask, line } = request(token, leaving.signal);
    const reached = upstream.next();
    const asked = ask('/v1/desktops').catch(() => 'left');
    await reached;
    leaving.abort();
    expect(await asked).toBe('left');
    const { durationMs, ...rest } = await line();
    expect(rest).toMatchObject({ status: 499, keyId: key.id, brokenOff: true });
    expect(durationMs).toBeGreaterThan(0);
  });

  it('when the client disconnected in the middle of the response', async () => {
    upstream.respond((_req, res) => res.writeHead(200).write('half'));
    const { token, key } = await stack.issue();
    const { ask, line } = request(token);
    await (await ask('/v1/desktops')).body?.cancel();
    expect(await line()).toMatchObject({ status: 200, keyId: key.id, brokenOff: true });
  });

  it('when its key was revoked in the middle of the response', async () => {
    upstream.respond((_req, res) => res.writeHead(200).write('half'));
    const { token, key } = await stack.issue();
    const { ask, line } = request(token);
    const response = await ask('/v1/desktops');
    await stack.manage.revoke(key.id);
    await expect(response.text()).rejects.toThrow();
    expect(await line()).toMatchObject({ status: 200, keyId: key.id, brokenOff: true });
  });
});

it('the log of keys does not contain the email address of an owner that is its ID', async () => {
  const email = 'grace.hopper@example.com';
  await stack.manage.putOwner(email, { email });
  await stack.manage.findOwnersByEmail(email);
  await stack.manage.list(email);
  await stack.manage.suspendOwner(email);
  const process = stack.keys[0]?.service.process;
  await process?.waitForOutput('"path":"/owners/[email]/suspend"');
  expect(process?.stdout).toContain('"path":"/owners/[email]/keys"');
  expect(process?.stdout).not.toContain('grace');
});

/** Makes a request with a unique ID, and returns its only line in the log. */
function request(
  token: string,
  signal?: AbortSignal,
): { ask: (path: string) => Promise<Response>; line: () => Promise<Record<string, unknown>> } {
  const id = randomUUID();
  const headers = { authorization: `Bearer ${token}`, 'x-request-id': id };
  return {
    ask: (path) => fetch(stack.gatewayUrl + path, { headers, ...(signal !== undefined && { signal }) }),
    line: async () => {
      const { process } = gateway();
      await process.waitForOutput(id);
      const [line = '', ...more] = process.stdout.split('\n').filter((text) => text.includes(id));
      expect(more).toEqual([]);
      return z.record(z.string(), z.unknown()).parse(JSON.parse(line));
    },
  };
}

function gateway(): { readonly process: RunningProcess } {
  const [first] = stack.gateways;
  if (first === undefined) throw new Error('there is no gateway');
  return first;
}
