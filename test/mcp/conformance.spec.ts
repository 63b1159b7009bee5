import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { LE_BUREAU } from '#libs/catalogue';
import { call, freePort } from '#libs/testing';
import { KeyAddingProxy } from './key-adding-proxy.js';
import { OfficialPrograms } from './official-programs.js';
import { PROGRAM, Product } from './product.js';

/** What is left out, and why. */
const BASELINE = join(import.meta.dirname, '../../../test/mcp/conformance-baseline.yaml');

/** The scenarios that find something to test here, with their checks. Those that fail are in the baseline. */
const RESULTS = {
  '2025-11-25': {
    'server-initialize': '2 passed, 0 failed',
    ping: '2 passed, 0 failed',
    'tools-list': '3 passed, 0 failed',
    'dns-rebinding-protection': '2 passed, 0 failed',
  },
  '2026-07-28': {
    'server-stateless': '24 passed, 4 failed',
    'tools-list': '4 passed, 0 failed',
    'dns-rebinding-protection': '2 passed, 0 failed',
    caching: '4 passed, 3 failed',
    'http-header-validation': '14 passed, 0 failed',
    'input-required-result-unsupported-methods': '2 passed, 0 failed',
  },
};

let product: Product;
let programs: OfficialPrograms;
let suiteUrl: string;
let proxy: KeyAddingProxy;
beforeAll(async () => {
  const port = await freePort();
  suiteUrl = `http://127.0.0.1:${port}`;
  // The suite tests that scripts of a page elsewhere are refused, and that those of a page at its own address are not.
  [product, programs] = await Promise.all([
    Product.start({ CORS_ORIGINS: suiteUrl }),
    OfficialPrograms.install(),
  ]);
  const { token } = await product.stack.issue('ada', LE_BUREAU.names);
  proxy = await KeyAddingProxy.start(port, product.stack.gatewayUrl, token);
});
afterAll(async () => {
  proxy.stop();
  await product.stop();
});

it.each(Object.entries(RESULTS))('conforms to revision %s', async (revision, results) => {
  const printed = await programs.run(
    'conformance',
    ...['server', '--url', `${suiteUrl}/mcp`, '--suite', 'all', '--spec-version', revision],
    ...['--expected-failures', BASELINE, '--timeout', '300000'],
  );
  const summary = stripVTControlCharacters(printed).matchAll(/^. (\S+): (\d+ passed, \d+ failed)$/gm);
  expect(Object.fromEntries([...summary].map(([, name, counts]) => [name, counts]))).toMatchObject(results);
});

describe('the official inspector', () => {
  it.each(['stdio', 'HTTP'])('lists tools and calls them by %s', async (way) => {
    const { token } = await product.stack.issue('grace', ['desktop:read']);
    const url = product.stack.gatewayUrl;
    const server =
      way === 'HTTP'
        ? ['--server-url', `${url}/mcp`, '--header', `Authorization: Bearer ${token}`]
        : ['-e', `LE_BUREAU_API_KEY=${token}`, '-e', `LE_BUREAU_API_URL=${url}`, process.execPath, PROGRAM];
    const inspect = async (...options: readonly string[]): Promise<unknown> => {
      const always = ['--cli', '--format', 'json', '--connect-timeout', '0'];
      return Object(JSON.parse(await programs.run('inspector', ...always, ...options, ...server))).result;
    };
    const listed = await inspect('--method', 'tools/list', '--protocol-era', 'legacy');
    expect(listed).toMatchObject({ tools: [{ name: 'desktops_list' }, { name: 'desktops_get' }] });
    const calling = ['--method', 'tools/call', '--tool-name', 'desktops_list', '--tool-arg', 'limit=1'];
    const called = await inspect(...calling, '--protocol-era', 'modern');
    expect(called).toMatchObject({ structuredContent: { desktops: [{ status: 'running' }] } });
  });
});

it.each(['oauth-authorization-server', 'openid-configuration'])(
  'has no /.well-known/%s: a client that finds it starts OAuth, although it was given a key',
  async (path) => {
    expect((await call(`${product.stack.gatewayUrl}/.well-known/${path}`)).status).toBe(404);
  },
);
