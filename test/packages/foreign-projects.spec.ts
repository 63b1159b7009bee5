import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunningProcess, Stack, TEST_SECRETS, call, freePort, runFolder } from '#libs/testing';
import { clientOf } from '../mcp/product.js';
import { startProject } from '../guard/another-project.js';
import { ForeignProject, packPackages } from './foreign-project.js';
import {
  ADOPTED,
  AN_AGENT,
  NEST_11_TEMPLATE,
  NEST_12_ON_EXPRESS,
  NEST_12_ON_FASTIFY,
  PLAIN_EXPRESS,
  PLAIN_FASTIFY,
} from './projects.js';

/** What no team needs in order to guard its routes. */
const UNWELCOME = /typeorm|better-auth|postgres|^pg$|^bcrypt$|fastify|^express$/;

/** Capabilities besides those of docs/adopting.md. */
const FURTHER = `
  - { name: kb:read, title: Read reports, description: Read reports., group: invoices }
  - { name: other:read, title: Read others, description: Read others., group: invoices }
`;

describe('the packages, installed from their tarballs', () => {
  let stack: Stack;
  let env: Record<string, string>;
  beforeAll(async () => {
    const catalogue = join(runFolder('packages-catalogue'), 'catalogue.yaml');
    writeFileSync(catalogue, `${ADOPTED['catalogue.yaml'] ?? ''}${FURTHER}`);
    [stack] = await Promise.all([Stack.start({ env: { CATALOGUE_FILE: catalogue } }), packPackages()]);
    env = {
      KEYS_VERIFY_URL: `tcp://127.0.0.1:${stack.keys[0]?.verifyPort ?? 0}`,
      KEYS_VERIFY_TOKEN: TEST_SECRETS.KEYS_VERIFY_TOKEN,
      KEY_TAG_SECRET: TEST_SECRETS.KEY_TAG_SECRET,
      REDIS_URL: stack.redis.url,
      MANAGE_URL: stack.keysUrl,
      MANAGE_TOKEN: TEST_SECRETS.KEYS_MANAGE_TOKEN,
      PORT: String(await freePort()),
    };
  });
  afterAll(() => stack.stop());

  /** Lets a key in, refuses another one and none, and the first once its revocation has returned. */
  async function guards(path: string, capability: string): Promise<void> {
    const url = `http://localhost:${env.PORT}/${path}`;
    const [{ token, key }, { token: other }] = [
      await stack.issue('ada', [capability]),
      await stack.issue('ada', ['other:read']),
    ];
    expect(await call(url, token)).toMatchObject({ status: 200, body: { of: 'ada@example.com' } });
    expect((await call(url, other)).status).toBe(403);
    expect((await call(url)).status).toBe(401);
    await stack.manage.revoke(key.id);
    expect((await call(url, token)).status).toBe(401);
  }

  function isSmall({ brought: { names, megabytes } }: ForeignProject): void {
    process.stderr.write(`${names.length} packages, ${megabytes.toFixed(1)} MB: ${names.join(', ')}\n`);
    expect(names.filter((name) => UNWELCOME.test(name))).toEqual([]);
    expect(names.length).toBeLessThanOrEqual(25);
    expect(megabytes).toBeLessThanOrEqual(25);
  }

  it.each([
    ['Nest 12 on Express', NEST_12_ON_EXPRESS],
    ['Nest 12 on Fastify', NEST_12_ON_FASTIFY],
  ])('guard an application of %s', async (_, options) => {
    const project = await ForeignProject.make(options);
    isSmall(project);
    await project.compile();
    const app = await startProject(join(project.folder, 'main.js'), Number(env.PORT), env);
    await guards('reports', 'kb:read');
    expect(await app.stop()).not.toBe('SIGKILL');
  });

  it('guard what the command line of Nest 11 generates, and its tests', async () => {
    const project = await ForeignProject.make(NEST_11_TEMPLATE);
    isSmall(project);
    await project.node('node_modules/typescript/bin/tsc', '-p', '.');
    expect(await project.node('node_modules/jest/bin/jest.js', '--forceExit')).toContain('3 passed');
    const app = await startProject(join(project.folder, 'dist/main.js'), Number(env.PORT), env);
    await guards('invoices', 'invoices:read');
    await app.stop();
  });

  it.each([
    ['Express', PLAIN_EXPRESS, 'express.js'],
    ['Fastify', PLAIN_FASTIFY, 'fastify.js'],
  ])('guard an application of plain %s', async (framework, options, main) => {
    const project = await ForeignProject.make(options);
    isSmall(project);
    await project.compile();
    const app = new RunningProcess(process.execPath, [join(project.folder, main)], env);
    await app.waitForOutput('Listening on');
    await guards('invoices', 'invoices:read');
    expect(await app.stop()).toBe(0);
    if (framework !== 'Express') return;
    expect(await project.node('behind.js')).toBe('401\n');
    const manage = new RunningProcess(process.execPath, [join(project.folder, 'manage.js')], env);
    expect(await manage.exited).toBe(0);
    expect(manage.stdout).toMatch(
      /^shown once: sk_live_…\n1\ninvalid_request .*Unknown capability "invoices:raed"/,
    );
  });

  it('serve the tools of a key to an agent, by npx', async () => {
    const project = await ForeignProject.make(AN_AGENT);
    isSmall(project);
    const manifest = readFileSync(join(project.folder, 'node_modules/@lebureau/mcp/package.json'), 'utf8');
    expect(JSON.parse(manifest)).toMatchObject({ mcpName: 'io.github.lebureau/mcp' });
    const { token } = await stack.issue('ada', ['kb:read']);
    const { PATH = '', HOME = '' } = process.env;
    const transport = new StdioClientTransport({
      command: 'npx',
      args: ['--offline', 'lb-mcp'],
      cwd: project.folder,
      env: { PATH, HOME, LE_BUREAU_API_KEY: token, LE_BUREAU_API_URL: stack.gatewayUrl },
    });
    const client = await clientOf('2025', transport);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['kb_search', 'kb_note']);
    // This catalogue has no knowledge base behind the gateway.
    expect(await client.callTool({ name: 'kb_search', arguments: { q: 'x' } })).toMatchObject({
      isError: true,
      content: [{ text: 'No such route. Check the method and the path.' }],
    });
    await client.close();
  });
});
