import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { MCP_CAPABILITIES } from '#libs/client-configuration';
import { TOOLS } from '#libs/mcp-tools';
import { RunningProcess, freePort, noteIssued, runFolder, uniqueName } from '#libs/testing';
import { keysDocument } from '../../scripts/docs/keys-document.js';
import { withMcpParts } from '../../scripts/docs/mcp-document.js';
import { openApiDocument } from '../../scripts/docs/openapi-document.js';
import { withProblemTables } from '../../scripts/docs/problem-tables.js';
import { revocationChart } from '../../scripts/docs/revocation-chart.js';
import { commandsIn } from './commands-in.js';
import { withRedisUsers } from '../security/redis-users.js';
import { serverJson } from '../../scripts/packages/mcp-listing.js';
import { withSettingsTables } from '../../scripts/docs/settings-tables.js';
import { withWebhookEvents } from '../../scripts/docs/webhooks-document.js';

const ROOT = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

describe('docs/operations.md', () => {
  it('lists every setting as in the code (else run npm run docs)', () => {
    expect(read('docs/operations.md')).toBe(withSettingsTables(read('docs/operations.md')));
  });
});

describe('docs/operations.md, of refusals', () => {
  it('has all reasons and codes as they are declared; else run npm run docs', () => {
    const operations = read('docs/operations.md');
    expect(operations).toBe(withProblemTables(operations));
    expect(operations).toContain('| `forged` | gateway (the guard) | ');
    expect(operations).toContain(
      '| `too_many_keys` | 409 | The owner has the maximum number of keys | keys, dashboard |',
    );
  });
});

describe('docs/operations.md, of Redis', () => {
  it('lists its users as in the code (else run npm run docs)', () => {
    const operations = read('docs/operations.md');
    expect(operations).toBe(withRedisUsers(operations));
    expect(operations).toContain('ACL SETUSER gateway reset on ');
  });
});

describe('docs/mcp.md', () => {
  const document = read('docs/mcp.md');

  it('has clients, tools, settings and exit codes as in the code (else run npm run docs)', () => {
    expect(document).toBe(withMcpParts(document));
    for (const { name } of TOOLS) expect(document).toContain(`| \`${name}\` | `);
    expect(document).toContain('"Authorization": "Bearer ${input:le-bureau-key}"');
    expect(document).toContain('| 78 | a setting is missing or wrong |');
  });

  it('lists the tools by which the page knows what a key is good for', () => {
    expect(MCP_CAPABILITIES).toEqual([...new Set(TOOLS.map(({ capability }) => capability))]);
  });
});

describe('docs/webhooks.md', () => {
  it('lists every event as in the code (else run npm run docs)', () => {
    const document = read('docs/webhooks.md');
    expect(document).toBe(withWebhookEvents(document));
    expect(document).toContain('| `api_key.revoked` | ');
  });
});

describe('server.json, for the MCP registry', () => {
  it('offers the package of this version, and keeps the key secret', () => {
    const { version }: { version: string } = JSON.parse(read('package.json'));
    expect(serverJson()).toMatchObject({
      $schema: expect.stringMatching(/\/\d{4}-\d\d-\d\d\/server\.schema\.json$/),
      name: expect.stringMatching(/^io\.github\.[a-z]+\/[a-z]+$/),
      description: expect.stringMatching(/^.{1,100}$/), // The registry accepts no more.
      version,
      packages: [
        {
          identifier: '@lebureau/mcp',
          version,
          environmentVariables: [
            { name: 'LE_BUREAU_API_KEY', isRequired: true, isSecret: true },
            { name: 'LE_BUREAU_API_URL', isRequired: true, isSecret: false },
            { name: 'LE_BUREAU_TLS_CA', isRequired: false, isSecret: false },
          ],
        },
      ],
    });
  });
});

describe('openapi.json', () => {
  it('is generated from the code (else run npm run docs)', async () => {
    expect(read('openapi.json')).toBe(await openApiDocument());
  });
});

describe('openapi.keys.json', () => {
  it('is generated from the code (else run npm run docs)', async () => {
    expect(read('openapi.keys.json')).toBe(await keysDocument());
  });
});

describe('docs/revocation-times.svg', () => {
  it('is generated from the table (else run npm run docs)', () => {
    expect(read('docs/revocation-times.svg')).toBe(revocationChart(read('docs/revocation-times.md')));
  });
});

describe('the documents', () => {
  it('link to existing files', () => {
    const { stdout } = spawnSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' });
    for (const path of stdout.trim().split('\n')) {
      for (const [, target = ''] of read(path).matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
        expect({ path, target, isThere: existsSync(join(ROOT, dirname(path), target)) }).toMatchObject({
          isThere: true,
        });
      }
    }
  });
});

describe('CONTRIBUTING.md', () => {
  it('quotes an end-to-end test exactly', () => {
    expect(read('CONTRIBUTING.md')).toContain(
      `\`\`\`ts\n${read('test/keys/revoke-at-every-gateway.spec.ts')}\`\`\``,
    );
  });
});

describe('docs/forward-auth.md', () => {
  it.each([
    ['nginx', 'nginx.conf'],
    ['caddyfile', 'Caddyfile'],
    ['yaml', 'traefik.yaml'],
    ['yaml', 'envoy.yaml'],
    ['ts', 'src/main.ts'],
  ])('quotes the recipe exactly: %s %s', (language, file) => {
    expect(read('docs/forward-auth.md')).toContain(
      `\`\`\`${language}\n${read(`examples/forward-auth/${file}`)}\`\`\``,
    );
  });
});

describe('the README', () => {
  it('starts with commands that work as written', async () => {
    const commands = commandsIn(read('README.md'), 'Start');
    const [start = '', issue = '', me = '', desktops = '', schedules = ''] = commands;
    const [list = '', revoke = '', meAgain = ''] = commands.slice(5);
    const [gateway, manage, verify, dashboard] = await Promise.all([1, 2, 3, 4].map(() => freePort()));
    const env = {
      DATA_DIR: join(runFolder('data'), uniqueName('readme')),
      EXAMPLE_PORT: String(await freePort()),
      DASHBOARD_PORT: String(dashboard),
      GATEWAY_PORT: String(gateway),
      KEYS_MANAGE_PORT: String(manage),
      KEYS_VERIFY_PORT: String(verify),
      KEYS_URL: `http://localhost:${manage}`,
    };
    expect(start).toBe('npm ci && npm start'); // the first half has been run, or this test would not
    const launched = new RunningProcess('npm', ['start'], env, ROOT);
    await launched.waitForOutput('Or, in another terminal', 90_000);
    for (const command of [issue, list, revoke]) expect(launched.stdout).toContain(command);

    const run = async (command: string): Promise<string> => {
      const shell = new RunningProcess('bash', ['-c', command.replace(':3000', `:${gateway}`)], env, ROOT);
      await shell.exited;
      return shell.stdout;
    };
    const token = (await run(issue)).trim();
    noteIssued(token);
    expect(JSON.parse(await run(me.replace('sk_live_...', token)))).toMatchObject({
      email: 'ada@example.com',
    });
    expect(JSON.parse(await run(desktops.replace('sk_live_...', token)))).toMatchObject({
      desktops: [{ name: expect.any(String) }, { name: expect.any(String) }],
    });
    expect(JSON.parse(await run(schedules.replace('sk_live_...', token)))).toMatchObject({
      status: 403,
      required: ['schedule:read'],
    });
    expect(await run(list)).toContain('Production CI');
    expect(await run(revoke.replace('<key id>', token.split('_')[2] ?? ''))).toContain('1 gateway confirmed');
    expect(await run(meAgain.replace('sk_live_...', token))).toMatch(/^HTTP\/1\.1 401 Unauthorized/);
    expect(await launched.stop()).not.toBe('SIGKILL');
  });

  it('says how to test as CI does', () => {
    expect(commandsIn(read('README.md'), 'Work on it')).toEqual(['npm ci && npm test']);
    expect(read('.ci/run')).toMatch(/^npm ci .*\n[^]*^npm test$/m);
  });
});
