import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLog } from '#libs/service';
import type { AudienceName } from '#libs/signed-identity';
import { IdentitySigner } from '#libs/signed-identity/signing';
import {
  type Answer,
  type RunningProcess,
  Stack,
  TEST_SECRETS,
  call,
  freePort,
  startProgram,
} from '#libs/testing';
import { startExample } from '../../examples/desktops/src/start-example.js';

let stack: Stack;
let example: RunningProcess;
let env: Record<string, string>;
let signer: IdentitySigner;
beforeAll(async () => {
  stack = await Stack.start();
  signer = await IdentitySigner.from([TEST_SECRETS.IDENTITY_SECRET]);
  env = {
    EXAMPLE_HOST: '127.0.0.1',
    EXAMPLE_PORT: String(await freePort()),
    IDENTITY_JWKS_URL: new URL('/.well-known/jwks.json', stack.gateways[0]?.metricsUrl).href,
  };
  example = await launch();
});
afterAll(async () => {
  await example.stop();
  await stack.stop();
});

async function launch(): Promise<RunningProcess> {
  const launched = startProgram('bin/desktops.js', env);
  await launched.waitForOutput('is ready');
  return launched;
}

/** The headers of a request that the gateway has forwarded for `ownerId`. */
async function from(
  ownerId: string,
  audience: AudienceName,
  by = signer,
): Promise<{ 'x-le-bureau-identity': string }> {
  const capabilities: string[] = ['desktop:read'];
  const owner = {
    id: ownerId,
    email: `${ownerId}@example.com`,
    emailVerified: false,
    role: 'user',
    tier: 'pro',
  };
  const principal = { keyId: 'k', capabilities, expiresAtMs: null, rateLimitPerMinute: null, owner };
  return { 'x-le-bureau-identity': await by.sign(principal, audience) };
}

const audienceOf = (path: string): AudienceName =>
  path.startsWith('/v1/schedules') ? 'schedules' : path.startsWith('/v1/kb') ? 'kb' : 'desktops';

/** Makes a request as the gateway does for `ownerId`. */
async function ask(ownerId: string, path: string, body?: object, method = body && 'POST'): Promise<Answer> {
  return call(`http://127.0.0.1:${env.EXAMPLE_PORT}${path}`, undefined, {
    method: method ?? 'GET',
    headers: { ...(await from(ownerId, audienceOf(path))), 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function desktopsOf(ownerId: string): Promise<{ id: string; name: string; status: string }[]> {
  return Object((await ask(ownerId, '/v1/desktops')).body).desktops;
}

describe('the example behind the gateway', () => {
  it.each(['/v1/desktops', '/v1/schedules', '/v1/kb/search?q=release'])(
    'accepts only identities for the group: %s',
    async (path) => {
      const url = `http://127.0.0.1:${env.EXAMPLE_PORT}${path}`;
      const own = audienceOf(path);
      for (const audience of ['desktops', 'schedules', 'kb'] as const) {
        const answer = await call(url, undefined, { headers: await from('ada', audience) });
        expect({ audience, status: answer.status }).toEqual({
          audience,
          status: audience === own ? 200 : 401,
        });
      }
      const stranger = await IdentitySigner.from(['what-somebody-takes-for-the-identity-secret']);
      for (const headers of [{}, await from('ada', own, stranger)])
        expect((await call(url, undefined, { headers })).status).toBe(401);
    },
  );

  it('does not accept an API key as an identity', async () => {
    const { token } = await stack.issue();
    expect(await call(`http://127.0.0.1:${env.EXAMPLE_PORT}/v1/desktops`, token)).toMatchObject({
      status: 401,
      body: { code: 'credentials_missing' },
    });
  });

  it('shows each owner only their own things', async () => {
    const [ofAda, ofGrace] = [await desktopsOf('ada'), await desktopsOf('grace')];
    expect(ofAda.map(({ name }) => name)).toEqual(['Research', 'Builds']);
    for (const { id } of ofGrace) {
      expect((await ask('grace', `/v1/desktops/${id}`)).status).toBe(200);
      expect(await ask('ada', `/v1/desktops/${id}`)).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      });
      expect((await ask('ada', `/v1/desktops/${id}/stop`, {})).status).toBe(404);
      expect((await ask('ada', `/v1/desktops/${id}/screenshot`)).status).toBe(404);
    }
    const [schedule] = Object((await ask('grace', '/v1/schedules')).body).schedules;
    expect((await ask('ada', `/v1/schedules/${schedule.id}`)).status).toBe(404);
    expect((await ask('ada', `/v1/schedules/${schedule.id}`, { paused: true }, 'PATCH')).status).toBe(404);
    expect((await ask('ada', `/v1/schedules/${schedule.id}/run`, {})).status).toBe(404);
  });

  it('gives an owner the same things after a restart', async () => {
    const before = await desktopsOf('restarted');
    await example.stop();
    example = await launch();
    expect(await desktopsOf('restarted')).toEqual(before);
  });

  it('returns lists in pages', async () => {
    const [first, second] = await desktopsOf('ada');
    const page = await ask('ada', '/v1/desktops?limit=1');
    const { nextCursor } = Object(page.body);
    expect(page.body).toEqual({ desktops: [first], nextCursor: expect.any(String) });
    expect((await ask('ada', `/v1/desktops?limit=1&cursor=${nextCursor}`)).body).toEqual({
      desktops: [second],
      nextCursor: null,
    });
    for (const query of ['limit=0', 'limit=201', 'limit=x', 'cursor=hello', 'page=2'])
      expect((await ask('ada', `/v1/desktops?${query}`)).status).toBe(400);
  });
});

describe('a desktop of the example', () => {
  it('has the fields of the API', async () => {
    const [desktop] = await desktopsOf('ada');
    expect(desktop).toEqual({
      id: expect.stringMatching(/^dsk_[0-9a-f]{16}$/),
      name: 'Research',
      status: 'running',
      tier: 'pro',
      ipAddress: '192.0.2.10',
      agentReady: true,
      createdAt: '2026-01-05T09:00:00.000Z',
    });
  });

  it.each<[string, object]>([
    ['click', { x: 10, y: 20 }],
    ['drag', { fromX: 1, fromY: 2, toX: 3, toY: 4 }],
    ['scroll', { x: 1, y: 2, deltaY: -120 }],
    ['type', { text: 'hello' }],
    ['key', { keys: ['ctrl', 'c'] }],
    ['bash', { command: 'ls' }],
    ['exec', { argv: ['ls', '-l'] }],
    ['python', { code: 'print(1)' }],
    ['chat', { message: 'hello' }],
  ])('can be controlled while its agent is ready, and says what is wrong: %s', async (verb, body) => {
    const [running, stopped] = await desktopsOf('ada');
    expect((await ask('ada', `/v1/desktops/${running?.id}/${verb}`, body)).status).toBe(200);
    expect((await ask('ada', `/v1/desktops/${running?.id}/${verb}`, {})).status).toBe(400);
    const refused = await ask('ada', `/v1/desktops/${stopped?.id}/${verb}`, body);
    expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(refused.headers.get('retry-after')).toBeNull(); // waiting would not help
  });

  it('runs no commands', async () => {
    const [{ id } = { id: '' }] = await desktopsOf('ada');
    const answer = await ask('ada', `/v1/desktops/${id}/bash`, { command: 'echo $((6 * 7))' });
    expect(Object(answer.body).stdout).toContain('echo $((6 * 7))');
    expect(Object(answer.body).stdout).not.toContain('42');
  });

  it('shows clicks on its screen', async () => {
    const [running, stopped] = await desktopsOf('clicking');
    const screenshot = async (id = running?.id): Promise<Response> =>
      fetch(`http://127.0.0.1:${env.EXAMPLE_PORT}/v1/desktops/${id}/screenshot`, {
        headers: await from('clicking', 'desktops'),
      });
    expect((await screenshot(stopped?.id)).status).toBe(503);
    const before = await screenshot();
    expect(before.headers.get('content-type')).toBe('image/png');
    const [x, y] = [601, 20];
    expect(colourAt(Buffer.from(await before.arrayBuffer()), x + 3, y)).toEqual([38, 70, 83]);
    await ask('clicking', `/v1/desktops/${running?.id}/click`, { x, y });
    const after = Buffer.from(await (await screenshot()).arrayBuffer());
    expect(colourAt(after, x + 3, y)).toEqual([231, 111, 81]);
    expect((await ask('clicking', `/v1/desktops/${running?.id}/click`, { x: 640, y })).status).toBe(400);
  });

  it('has an agent whose reply comes at once, or word by word if the body says so, whatever Accept says', async () => {
    const [{ id } = { id: '' }] = await desktopsOf('ada');
    const chat = async (accept: string, body: object): Promise<Response> =>
      fetch(`http://127.0.0.1:${env.EXAMPLE_PORT}/v1/desktops/${id}/chat`, {
        method: 'POST',
        headers: { ...(await from('ada', 'desktops')), 'content-type': 'application/json', accept },
        body: JSON.stringify({ message: 'good morning', ...body }),
      });
    const whole = await chat('text/event-stream', { stream: false });
    expect(whole.headers.get('content-type')).toContain('application/json');
    const { conversationId, reply } = Object(await whole.json());
    expect(reply).toMatch(/good morning$/);

    const response = await chat('application/json', { stream: true, conversationId });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const chunks: string[] = [];
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) chunks.push(decoder.decode(chunk, { stream: true }));
    expect(chunks[0]).not.toContain('event: done'); // it did not wait for the end
    const events = chunks.join('').trim().split('\n\n');
    const deltas = events.filter((event) => event.startsWith('event: delta\n'));
    const textIn = (event: string): string => JSON.parse(event.split('data: ')[1] ?? '').text;
    expect(deltas.map(textIn).join('')).toBe(reply);
    expect(events.at(-1)).toBe(`event: done\ndata: ${JSON.stringify({ conversationId, reply })}`);
  });

  it('starts, can be controlled once its agent is ready, and stops', async () => {
    let now = Date.UTC(2027, 0, 31, 12);
    const clock = { now: () => now, wait: () => Promise.resolve() };
    const log = createLog({ service: 'example', level: 'silent', secrets: [] });
    const settings = { EXAMPLE_HOST: '127.0.0.1', EXAMPLE_PORT: 0, DRAIN_SECONDS: 0 };
    const bySameClock = await IdentitySigner.from([TEST_SECRETS.IDENTITY_SECRET], clock.now);
    const running = await startExample(settings, log, { jwks: signer.jwks() }, clock);
    const askIt = async (path: string, method = 'GET'): Promise<Answer> =>
      call(`${running.url}/v1/desktops${path}`, undefined, {
        method,
        headers: await from('ada', 'desktops', bySameClock),
      });
    const { id } = Object((await askIt('')).body).desktops[1];

    expect(await askIt(`/${id}/start`, 'POST')).toMatchObject({ status: 202, body: { status: 'booting' } });
    now += 3_000;
    expect((await askIt(`/${id}`)).body).toMatchObject({ status: 'running', agentReady: false });
    const early = await askIt(`/${id}/screenshot`);
    expect(early.status).toBe(503);
    expect(early.headers.get('retry-after')).toBe('2');
    now += 2_000;
    expect((await askIt(`/${id}`)).body).toMatchObject({ status: 'running', agentReady: true });
    expect(await askIt(`/${id}/stop`, 'POST')).toMatchObject({ status: 202, body: { status: 'stopping' } });
    now += 2_000;
    expect((await askIt(`/${id}`)).body).toMatchObject({ status: 'stopped', ipAddress: null });
    await running.stop();
  });
});

describe('a schedule of the example', () => {
  it('is created, changed, paused, resumed and run', async () => {
    const [{ id: desktopId } = { id: '' }] = await desktopsOf('planner');
    const made = await ask('planner', '/v1/schedules', {
      name: 'Nightly',
      cron: '30 2 * * *',
      timeZone: 'Asia/Tokyo',
      desktopId,
      prompt: 'Tidy up.',
    });
    expect(made).toMatchObject({ status: 201, body: { name: 'Nightly', paused: false, lastRunAt: null } });
    const { id, nextRunAt } = Object(made.body);
    expect(nextRunAt).toMatch(/T17:30:00\.000Z$/); // 02:30 in Tokyo
    expect(Date.parse(nextRunAt) - Date.now()).toBeLessThanOrEqual(24 * 3_600_000);

    const path = `/v1/schedules/${id}`;
    expect((await ask('planner', path, { paused: true }, 'PATCH')).body).toMatchObject({
      name: 'Nightly',
      paused: true,
      nextRunAt: null,
    });
    expect(await ask('planner', `${path}/run`, {})).toMatchObject({
      status: 202,
      body: { lastRunAt: expect.stringMatching(/Z$/), paused: true },
    });
    const changed = await ask('planner', path, { paused: false, cron: '0 3 * * *' }, 'PATCH');
    expect(Object(changed.body).nextRunAt).toMatch(/T18:00:00\.000Z$/);
    expect((await ask('planner', path)).body).toEqual(changed.body);
    expect(Object((await ask('planner', '/v1/schedules')).body).schedules).toHaveLength(2);
  });

  it.each<[string, object]>([
    ['an invalid cron expression', { cron: 'every day' }],
    ['a cron expression with seconds', { cron: '* * * * * *' }],
    ['an invalid time zone', { timeZone: 'Mars/Olympus' }],
    ['an empty name', { name: '' }],
    ['a name that is null', { name: null }],
    ['another owner’s desktop', { desktopId: 'dsk_0' }],
    ['an unknown field', { nextRunAt: '2027-01-31T12:00:00Z' }],
  ])('is not created or changed with %s', async (_, wrong) => {
    const [{ id: desktopId } = { id: '' }] = await desktopsOf('wrong');
    const right = { name: 'x', cron: '0 8 * * *', desktopId, prompt: 'x' };
    expect((await ask('wrong', '/v1/schedules', { ...right, ...wrong })).status).toBe(400);
    const [before] = Object((await ask('wrong', '/v1/schedules')).body).schedules;
    expect((await ask('wrong', `/v1/schedules/${before.id}`, wrong, 'PATCH')).status).toBe(400);
    expect((await ask('wrong', `/v1/schedules/${before.id}`)).body).toEqual(before);
  });
});

describe('the notes of the example', () => {
  it('are found by all of the words, in any case, in pages', async () => {
    const paths = async (query: string): Promise<string[]> =>
      Object((await ask('ada', `/v1/kb/search?${query}`)).body).notes.map(
        ({ path }: { path: string }) => path,
      );
    expect(await paths('q=REVOKE+key')).toEqual(['runbooks/release', 'runbooks/leaked-key']);
    expect(await paths('q=revoke&limit=1')).toEqual(['runbooks/release']);
    expect(await paths('q=nothing+of+this')).toEqual([]);
    expect((await ask('ada', '/v1/kb/search')).status).toBe(400);
    expect(Object((await ask('ada', '/v1/kb/search?q=checklist')).body).notes[0].excerpt).toContain(
      'checklist',
    );
  });

  it.each(['runbooks/release', 'runbooks%2Frelease'])('are read by their path: %s', async (path) => {
    expect(await ask('ada', `/v1/kb/notes/${path}`)).toMatchObject({
      status: 200,
      body: { path: 'runbooks/release', title: 'How we release' },
    });
  });

  it('are not found under another path', async () => {
    expect(await ask('ada', '/v1/kb/notes/runbooks')).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    });
  });
});

/** The color of a pixel in a PNG of eight bits with a palette whose lines are not filtered. */
function colourAt(png: Buffer, x: number, y: number): number[] {
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    chunks.set(png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const [header, palette, data] = ['IHDR', 'PLTE', 'IDAT'].map((type) => chunks.get(type) ?? Buffer.alloc(0));
  const line = (header?.readUInt32BE(0) ?? 0) + 1;
  const colour = inflateSync(data ?? '')[y * line + 1 + x] ?? 0;
  return [...(palette?.subarray(colour * 3, colour * 3 + 3) ?? [])];
}
