import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LE_BUREAU } from '#libs/catalogue';
import { type RunningProcess, Stack, call, freePort, startProgram } from '#libs/testing';
import { PROMISED_ROUTES, type PromisedRoute, upstreamsAt } from '../support/routes.js';

let stack: Stack;
let example: RunningProcess;
let token: string;
let desktopId: string;
let scheduleId: string;
beforeAll(async () => {
  // Each of the two needs the other's URL, so the port of one is chosen first.
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  stack = await Stack.start({ env: upstreamsAt(url) });
  example = startProgram('bin/desktops.js', {
    EXAMPLE_HOST: '127.0.0.1',
    EXAMPLE_PORT: port,
    IDENTITY_JWKS_URL: new URL('/.well-known/jwks.json', stack.gateways[0]?.metricsUrl).href,
  });
  await example.waitForOutput('is ready');
  ({ token } = await stack.issue('ada', LE_BUREAU.names));
  // The second one is stopped at first: it can be controlled because it was started through the API.
  desktopId = Object((await call(`${stack.gatewayUrl}/v1/desktops`, token)).body).desktops[1].id;
  scheduleId = Object(await (await send('POST', '/v1/schedules', schedule())).json()).id;
});
afterAll(async () => {
  await example.stop();
  await stack.stop();
});

const long = (length: number): string => 'é'.repeat(length);

const schedule = (): object => ({
  name: long(100),
  desktopId,
  prompt: long(32_000),
  cron: '*/5 0-23 1,15 JAN-DEC MON-FRI',
  timeZone: 'America/Argentina/ComodRivadavia',
});

function send(method: string, path: string, body?: object, key = token): Promise<Response> {
  return fetch(stack.gatewayUrl + path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** Reads a response to its end, and reports errors. */
async function refusalIn(response: Response): Promise<string | undefined> {
  const text = await response.text();
  return response.ok ? undefined : `${response.status} ${text}`;
}

/** Starts the desktop unless it is running, and waits until its agent is ready. */
async function ready(): Promise<void> {
  expect(await refusalIn(await send('POST', `/v1/desktops/${desktopId}/start`))).toBeUndefined();
  const deadline = Date.now() + 300_000;
  for (;;) {
    const { status, agentReady } = Object(
      (await call(`${stack.gatewayUrl}/v1/desktops/${desktopId}`, token)).body,
    );
    if (agentReady === true) return;
    if (Date.now() > deadline) throw new Error(`the desktop is ${String(status)}, and its agent not ready`);
    await sleep(50);
  }
}

/** A documented route's path and body, with existing IDs. */
function real({ template, path, body }: PromisedRoute): { path: string; body?: object } {
  const id = template.startsWith('/v1/schedules') ? scheduleId : desktopId;
  const realPath = path.replace('desk-1', id).replace('projects/2026%20plan.md', 'runbooks/release');
  if (body === undefined) return { path: realPath };
  return { path: realPath, body: 'desktopId' in body ? { ...body, desktopId } : body };
}

describe('one key with all capabilities', () => {
  it.each(PROMISED_ROUTES.map((route) => [`${route.method} ${route.template}`, route] as const))(
    'can use every route, through the gateway and at the service: %s',
    async (_, route) => {
      if (route.needs === 'desktop:control' || route.needs === 'desktop:chat') await ready();
      const { path, body } = real(route);
      expect(await refusalIn(await send(route.method, path, body))).toBeUndefined();
    },
  );

  it.each<[string, string, () => object]>([
    ['click', 'clicks', () => ({ x: 0, y: 0, button: 'middle', clicks: 3 })],
    ['drag', 'another button', () => ({ fromX: 0, fromY: 0, toX: 639, toY: 399, button: 'right' })],
    ['scroll', 'pixels', () => ({ x: 0, y: 0, deltaX: -10_000, deltaY: 10_000 })],
    ['type', 'characters', () => ({ text: long(10_000) })],
    ['key', 'keys', () => ({ keys: [...'abcdefg', `F${'1'.repeat(31)}`] })],
    ['bash', 'characters', () => ({ command: long(100_000), timeoutSeconds: 600 })],
    ['exec', 'arguments', () => ({ argv: ['ls', ...Array<string>(99).fill('')], timeoutSeconds: 600 })],
    ['exec', 'bytes', () => largestBody()],
    ['python', 'characters', () => ({ code: long(100_000), timeoutSeconds: 600 })],
    ['chat', 'characters', () => ({ message: long(32_000), conversationId: 'c'.repeat(64), stream: true })],
  ])('may send as much as the gateway allows: %s, %s', async (verb, _, body) => {
    await ready();
    expect(await refusalIn(await send('POST', `/v1/desktops/${desktopId}/${verb}`, body()))).toBeUndefined();
  });

  /** The maximum bytes that the gateway accepts; it forwards more, since it adds a default. */
  function largestBody(): object {
    const filled = (last: number): object => ({
      argv: [...Array<string>(52).fill(long(10_000)), 'x'.repeat(last)],
    });
    const bytes = Buffer.byteLength(JSON.stringify(filled(0)));
    return filled(1024 * 1024 - bytes);
  }

  it('may change every changeable field of a schedule', async () => {
    const change = {
      name: 'x',
      prompt: long(32_000),
      cron: '0 8 * * *',
      timeZone: 'Asia/Tokyo',
      paused: true,
    };
    const answer = await call(`${stack.gatewayUrl}/v1/schedules/${scheduleId}`, token, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(change),
    });
    expect(answer).toMatchObject({ status: 200, body: change });
  });

  it.each(['/v1/desktops', '/v1/schedules', '/v1/kb/search'])(
    'can read lists in pages of 1 and of 200: %s',
    async (path) => {
      const url = `${stack.gatewayUrl}${path}`;
      const words = path.endsWith('search') ? { q: 'revoke' } : {};
      const page = async (query: Record<string, string>): Promise<{ status: number; body: unknown }> =>
        call(`${url}?${new URLSearchParams({ ...words, ...query }).toString()}`, token);
      const first = await page({ limit: '1' });
      const { nextCursor: cursor } = Object(first.body);
      expect(first).toMatchObject({ status: 200, body: { nextCursor: expect.any(String) } });
      expect((await page({ limit: '1', cursor })).status).toBe(200);
      expect(await page({ limit: '200' })).toMatchObject({ status: 200, body: { nextCursor: null } });
    },
  );

  it('may search for the longest text that the gateway allows', async () => {
    expect(await refusalIn(await send('GET', `/v1/kb/search?q=${'x'.repeat(500)}`))).toBeUndefined();
  });
});

describe('a streaming chat', () => {
  /** Opens one with a reply of `words` words, and returns a function that reads on: undefined at its end, however it came. */
  async function chat(words: number, key = token): Promise<() => Promise<string | undefined>> {
    await ready();
    const message = 'word '.repeat(words).trim();
    const response = await send('POST', `/v1/desktops/${desktopId}/chat`, { message, stream: true }, key);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    return async () => {
      try {
        return (await reader?.read())?.value;
      } catch {
        return undefined; // aborted
      }
    };
  }

  async function rest(next: () => Promise<string | undefined>): Promise<string[]> {
    const pieces: string[] = [];
    for (let piece = await next(); piece !== undefined; piece = await next()) pieces.push(piece);
    return pieces;
  }

  it('arrives in pieces while the agent replies', async () => {
    const pieces = await rest(await chat(10));
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces[0]).toMatch(/^event: delta\n/);
    expect(pieces[0]).not.toContain('event: done');
    expect(pieces.join('')).toMatch(/event: done\ndata: \{.*word word"\}\n\n$/);
  });

  it('ends when its key is revoked, and the next request gets 401', async () => {
    const { token: doomed, key } = await stack.issue('ada', LE_BUREAU.names);
    const next = await chat(6000, doomed); // it would speak for four minutes
    expect(await next()).toContain('event: delta');
    await stack.manage.revoke(key.id);
    expect((await rest(next)).join('')).not.toContain('event: done');
    expect(await call(`${stack.gatewayUrl}/v1/me`, doomed)).toMatchObject({
      status: 401,
      body: { code: 'invalid_token' },
    });
  });
});
