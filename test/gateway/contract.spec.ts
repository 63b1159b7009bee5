import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Client } from 'undici';
import { LE_BUREAU } from '#libs/catalogue';
import { type RunningProcess, Stack, call, freePort, startProgram } from '#libs/testing';
import { AnswerCheck, type Heard } from './contract/answers.js';
import { type Operation, operationsOf, readDocument } from './contract/document.js';
import { upstreamsAt } from '../support/routes.js';
import { type GeneratedRequest, mistakes, rightRequests } from './contract/requests.js';

/*
 * Requests that are generated from openapi.json, and requests that violate it in one place, sent to the gateway with the
 * example behind it. They are the same in every run; a failing one is shrunk, and shown with how to repeat it.
 */
const SEED = 20_260_105;
const RIGHT_RUNS = 20;
const WRONG_RUNS = 3;

const text = readFileSync(join(import.meta.dirname, '../../../openapi.json'), 'utf8');
const document = readDocument(text);
const operations = operationsOf(document);
const check = new AnswerCheck(document);

/** The statuses that each operation has responded with. */
const heardFrom = new Map(operations.map(({ id }) => [id, new Set<number>()]));

let stack: Stack;
let example: RunningProcess;
let client: Client;
let token: string;
const tokens = new Map<string, string>();
let running: string;
let stopped: string;
let schedule: string;
beforeAll(async () => {
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  stack = await Stack.start({ env: upstreamsAt(url) });
  example = startProgram('bin/desktops.js', {
    EXAMPLE_HOST: '127.0.0.1',
    EXAMPLE_PORT: port,
    IDENTITY_JWKS_URL: new URL('/.well-known/jwks.json', stack.gateways[0]?.metricsUrl).href,
  });
  await example.waitForOutput('is ready');
  client = new Client(stack.gatewayUrl);
  ({ token } = await stack.issue('ada', LE_BUREAU.names));
  for (const name of ['kb:read', 'desktop:read'] as const)
    tokens.set(name, (await stack.issue('ada', [name])).token);
  const { desktops } = Object((await call(`${stack.gatewayUrl}/v1/desktops`, token)).body);
  [running, stopped] = [desktops[0].id, desktops[1].id];
  const { schedules } = Object((await call(`${stack.gatewayUrl}/v1/schedules`, token)).body);
  schedule = schedules[0].id;
});
afterAll(async () => {
  await client.close();
  await example.stop();
  await stack.stop();
});

/** What the document cannot know: the example's IDs, the size of its screens, and valid times. */
function known({ template }: Operation, field: string): fc.Arbitrary<unknown> | undefined {
  const desktop = /\/(?:start|stop|restart)$/.test(template) ? stopped : running;
  const values: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
    id: fc.constant(template.startsWith('/v1/schedules') ? schedule : desktop),
    path: fc.constantFrom('welcome', 'runbooks/release'),
    desktopId: fc.constant(running),
    cron: fc.constantFrom('0 9 * * 1-5', '*/5 0-23 1,15 JAN-DEC MON-FRI'),
    timeZone: fc.constantFrom('UTC', 'Europe/Paris', 'America/Argentina/ComodRivadavia'),
  };
  if (/^(?:x|fromX|toX)$/.test(field)) return fc.integer({ min: 0, max: 639 });
  if (/^(?:y|fromY|toY)$/.test(field)) return fc.integer({ min: 0, max: 399 });
  return values[field];
}

function tokenOf({ key }: GeneratedRequest, { needs }: Operation): string | undefined {
  switch (key) {
    case 'none':
      return undefined;
    case 'forged':
      return `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`;
    case 'with all capabilities':
      return token;
    case 'with another capability':
      return tokens.get(needs.includes('kb:read') ? 'desktop:read' : 'kb:read');
  }
}

/** Sends a request without normalizing its path, and records its status. */
async function send(operation: Operation, request: GeneratedRequest): Promise<Heard> {
  const presented = tokenOf(request, operation);
  const query = new URLSearchParams();
  for (const [name, value] of request.query) query.append(name, value);
  const { statusCode, headers, body } = await client.request({
    method: operation.method,
    path: request.path + (query.size === 0 ? '' : `?${query.toString()}`),
    headers: {
      ...(presented !== undefined && { authorization: `Bearer ${presented}` }),
      ...(request.contentType !== undefined && { 'content-type': request.contentType }),
    },
    body: request.body ?? null,
  });
  heardFrom.get(operation.id)?.add(statusCode);
  return { status: statusCode, headers, body: Buffer.from(await body.arrayBuffer()) };
}

const named = operations.map(
  (operation) => [`${operation.method} ${operation.template}`, operation] as const,
);

describe.each(named)('%s', (_, operation) => {
  it('accepts requests that match the document, and responds as documented', async () => {
    await fc.assert(
      fc.asyncProperty(rightRequests(operation, known), async (request) => {
        if (operation.body !== undefined)
          expect(check.isRight(operation.body.name, JSON.parse(request.body ?? ''))).toBe(true);
        const heard = await send(operation, request);
        expect(check.complaints(operation, heard)).toEqual([]);
        expect(heard.status).toBeLessThan(300);
      }),
      { seed: SEED, numRuns: RIGHT_RUNS },
    );
  });

  it('refuses requests that violate the document, and responds as documented', async () => {
    for (const { what, status, requests } of mistakes(operation, known)) {
      await fc.assert(
        fc.asyncProperty(requests, async (request) => {
          const heard = await send(operation, request);
          expect({ what, status: heard.status, complaints: check.complaints(operation, heard) }).toEqual({
            what,
            status,
            complaints: [],
          });
        }),
        { seed: SEED, numRuns: WRONG_RUNS },
      );
    }
  });
});

describe('a desktop that is not running', () => {
  const controls = named.filter(
    ([, { needs }]) => needs.includes('desktop:control') || needs.includes('desktop:chat'),
  );

  it.each(controls)('responds that it is not ready, as documented: %s', async (_, operation) => {
    await call(`${stack.gatewayUrl}/v1/desktops/${stopped}/stop`, token, { method: 'POST' });
    const asleep = (of: Operation, field: string): fc.Arbitrary<unknown> | undefined =>
      field === 'id' ? fc.constant(stopped) : known(of, field);
    const [request] = fc.sample(rightRequests(operation, asleep), { seed: SEED, numRuns: 1 });
    if (request === undefined) throw new Error('there is no request');
    const heard = await send(operation, request);
    expect([heard.status, check.complaints(operation, heard)]).toEqual([503, []]);
  });
});

describe('the document', () => {
  it('was tested with success and errors in each of its operations', () => {
    const silent = [...heardFrom].filter(
      ([, statuses]) =>
        ![...statuses].some((status) => status < 300) ||
        ![...statuses].some((status) => status >= 400 && status < 500),
    );
    expect(silent.map(([id, statuses]) => ({ id, statuses: [...statuses] }))).toEqual([]);
  });
});
