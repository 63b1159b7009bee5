import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generate } from 'selfsigned';
import { localHost, shownHost } from '#libs/service';
import { IdentitySigner } from '#libs/signed-identity';
import {
  RunningProcess,
  TEST_SECRETS,
  type TestDatabase,
  type TestRedis,
  call,
  freePort,
  makeDatabase,
  noteIssued,
  runFolder,
  startProgram,
  startRedis,
  uniqueName,
} from '#libs/testing';
import { Visitor } from '../dashboard/visitor.js';

const ROOT = join(import.meta.dirname, '../../..');
const CLI = 'apps/cli/src/main.js';

const [OURS, ANOTHER] = await Promise.all([certify(), certify()]);

/** A certificate that is its own authority, and its key. */
async function certify(): Promise<{ cert: string; key: string }> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'keys.internal' }], {
    keySize: 2048,
  });
  return { cert, key };
}

let database: TestDatabase;
let redis: TestRedis;
beforeAll(async () => {
  [database, redis] = await Promise.all([makeDatabase(), startRedis()]);
});
afterAll(() => Promise.all([database.close(), redis.stop()]));

/** Runs a program that is expected to end by itself. */
async function run(
  path: string,
  env: Record<string, string>,
  args: string[] = [],
): Promise<{ code: unknown } & RunningProcess> {
  const program = startProgram(path, env, args);
  const timer = setTimeout(() => program.signal('SIGKILL'), 20_000);
  const code = await program.exited;
  clearTimeout(timer);
  return Object.assign(program, { code });
}

describe('a start of keys that cannot succeed', () => {
  const good = async (): Promise<Record<string, string>> => ({
    ...TEST_SECRETS,
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    KEYS_HOST: '127.0.0.1',
    KEYS_MANAGE_PORT: String(await freePort()),
    KEYS_VERIFY_PORT: String(await freePort()),
  });

  it.each<[string, Record<string, string>, unknown, RegExp]>([
    [
      'a missing secret',
      { KEYS_MANAGE_TOKEN: '' },
      78,
      /^KEYS_MANAGE_TOKEN is missing: it must be one or more secrets.*\n$/,
    ],
    [
      'a short secret',
      { KEY_TAG_SECRET: 'hunter2' },
      78,
      /^KEY_TAG_SECRET must be one or more secrets(?!.*hunter2).*\n$/,
    ],
    ['a wrong number', { BCRYPT_COST: '99' }, 78, /^BCRYPT_COST must be an integer from 4 to 16\.\n$/],
    ['two wrong ones', { LOG_LEVEL: 'loud', REDIS_URL: 'x' }, 78, /^REDIS_URL must .*\nLOG_LEVEL must .*\n$/],
    [
      'half of TLS',
      { KEYS_TLS_CERT: OURS.cert },
      78,
      /^KEYS_TLS_CERT and KEYS_TLS_KEY belong together: set both, or none\.\n$/,
    ],
    [
      'a certificate and a key that are none',
      { KEYS_TLS_CERT: 'hunter2', KEYS_TLS_KEY: OURS.key.slice(0, 200) },
      78,
      /^KEYS_TLS_CERT must be one or more certificates in PEM.*\nKEYS_TLS_KEY must be a private key in PEM.*\n$/,
    ],
    [
      'a certificate and a key that have been exchanged',
      { KEYS_TLS_CERT: OURS.key, KEYS_TLS_KEY: OURS.cert },
      78,
      /^KEYS_TLS_CERT must be one or more certificates in PEM.*\nKEYS_TLS_KEY must be a private key in PEM.*\n$/,
    ],
    [
      'the key of another certificate',
      { KEYS_TLS_CERT: OURS.cert, KEYS_TLS_KEY: ANOTHER.key },
      78,
      /^KEYS_TLS_KEY is not the key of the first certificate in KEYS_TLS_CERT.*\n$/,
    ],
    [
      'a socket of no database',
      { DATABASE_URL: 'postgres://keys:hunter2@/keys?host=/nonexistent' },
      1,
      /^Cannot open the database keys at the socket in \/nonexistent \((?!.*hunter2).*ENOENT.*\): start it, or correct DATABASE_URL\.\n$/,
    ],
    [
      'no address of a database',
      { DATABASE_URL: 'localhost:5432' },
      78,
      /^DATABASE_URL must be an address such as .*\n$/,
    ],
    [
      'no number of a database in Redis',
      { REDIS_URL: 'redis://localhost/keys' },
      78,
      /^REDIS_URL must be an address such as .*\n$/,
    ],
    [
      'a host that is none',
      { KEYS_HOST: 'no such host' },
      78,
      /^KEYS_HOST must be an address of this machine, such as 0\.0\.0\.0\.\n$/,
    ],
    [
      'a host that is not known',
      { KEYS_HOST: 'nowhere.invalid' },
      1,
      /^(This machine has no address|Cannot listen on) nowhere\.invalid.*\n$/,
    ],
    [
      'no database there',
      { DATABASE_URL: 'postgres://keys:hunter2@127.0.0.1:9/keys' },
      1,
      /^Cannot open the database 127\.0\.0\.1:9\/keys \((?!.*hunter2).*ECONNREFUSED.*\): start it, or correct DATABASE_URL\.\n$/,
    ],
    [
      'no such host',
      { DATABASE_URL: 'postgres://keys@nowhere.invalid/keys' },
      1,
      /^Cannot open the database nowhere\.invalid:5432\/keys \(.*ENOTFOUND.*\n$|EAI_AGAIN/,
    ],
    ['an address of no machine', { KEYS_HOST: '192.0.2.1' }, 1, /^This machine has no address 192\.0\.2\.1/],
  ])('says in one sentence what to do, and exits: %s', async (_, wrong, code, sentence) => {
    const program = await run('apps/keys/src/main.js', { ...(await good()), ...wrong });
    expect(program.stderr).toMatch(sentence);
    expect(program.code).toBe(code);
  });

  it.each(['KEYS_MANAGE_PORT', 'KEYS_VERIFY_PORT'])('says which port is taken: %s', async (name) => {
    const port = await freePort();
    const taken = createServer().listen(port, '127.0.0.1');
    await once(taken, 'listening');
    const program = await run('apps/keys/src/main.js', { ...(await good()), [name]: String(port) });
    expect(program.stderr).toBe(
      `Port ${port} is taken: stop what listens there, or set ${name} to another port.\n`,
    );
    expect(program.code).toBe(1);
    taken.close();
  });

  it('says that the password is wrong without saying the password', async () => {
    const url = new URL(database.url);
    url.password = 'hunter2';
    const program = await run('apps/keys/src/main.js', { ...(await good()), DATABASE_URL: url.href });
    expect(program.stderr).toContain('password authentication failed');
    expect(program.stderr).not.toContain('hunter2');
    expect(program.code).toBe(1);
  });
});

describe('a start of the gateway that cannot succeed', () => {
  it('says which setting is missing', async () => {
    const program = await run('apps/gateway/src/main.js', { ...TEST_SECRETS, REDIS_URL: redis.url });
    expect(program.stderr).toBe(
      'KEYS_VERIFY_URL is missing: it must be an address such as tcp://keys:3002, or several with commas between them.\n',
    );
    expect(program.code).toBe(78);
  });

  it.each([
    ['KEYS_TLS_CA', 'hunter2', /^KEYS_TLS_CA must be one or more certificates in PEM.*\n$/],
    ['KEYS_TLS_CA', OURS.key, /^KEYS_TLS_CA must be one or more certificates in PEM.*\n$/],
    ['KEYS_VERIFY_URL', 'tcp://keys', /^KEYS_VERIFY_URL must be an address such as tcp:\/\/keys:3002.*\n$/],
    ['REDIS_URL', 'redis://:100%@localhost', /^REDIS_URL must be an address such as .*\n$/],
  ])('says that a setting is wrong: %s', async (name, value, sentence) => {
    const program = await run('apps/gateway/src/main.js', {
      ...TEST_SECRETS,
      REDIS_URL: redis.url,
      KEYS_VERIFY_URL: 'tcp://127.0.0.1:9',
      [name]: value,
    });
    expect(program.stderr).toMatch(sentence);
    expect(program.code).toBe(78);
  });

  it.each(['10.0.0.0/8,hello', '10.0.0.0/33', '10.0.0.1,', '300.0.0.1', '::/0'])(
    'says that a list of proxies is wrong: %s',
    async (proxies) => {
      const program = await run('apps/gateway/src/main.js', {
        ...TEST_SECRETS,
        REDIS_URL: redis.url,
        KEYS_VERIFY_URL: 'tcp://127.0.0.1:9',
        TRUSTED_PROXIES: proxies,
      });
      expect(program.stderr).toBe(
        'TRUSTED_PROXIES must be addresses or networks such as 10.0.0.7 and 10.1.0.0/16, with commas between them.\n',
      );
      expect(program.code).toBe(78);
    },
  );
});

/** npm start, on ports and a data folder of the test's own. */
class NpmStart {
  private constructor(
    readonly process: RunningProcess,
    readonly env: Record<string, string>,
  ) {}

  static async settings(): Promise<Record<string, string>> {
    const [gateway, manage, verify, dashboard] = await Promise.all([1, 2, 3, 4].map(() => freePort()));
    return {
      DASHBOARD_PORT: String(dashboard),
      EXAMPLE_PORT: String(await freePort()),
      DATA_DIR: join(runFolder('data'), uniqueName('data')),
      GATEWAY_PORT: String(gateway),
      KEYS_MANAGE_PORT: String(manage),
      KEYS_VERIFY_PORT: String(verify),
      KEYS_URL: `http://localhost:${manage}`,
      BCRYPT_COST: '4',
    };
  }

  static async start(env: Record<string, string>): Promise<NpmStart> {
    const process = startProgram('apps/standalone/src/main.js', env);
    await process.waitForOutput('Or, in another terminal');
    return new NpmStart(process, env);
  }

  async issue(): Promise<string> {
    const { stdout, stderr, code } = await this.keys(
      'issue',
      '--owner',
      'ada@example.com',
      '--name',
      'Production CI',
      '--capability',
      'desktop:read',
      '--capability',
      'desktop:chat',
    );
    if (code !== 0) throw new Error(stderr);
    noteIssued(stdout.trim());
    return stdout.trim();
  }

  keys(...args: string[]): ReturnType<typeof run> {
    const { DATA_DIR = '', KEYS_URL = '' } = this.env;
    return run(CLI, { DATA_DIR, KEYS_URL }, args);
  }

  async status(token: string): Promise<number> {
    return (await call(`http://localhost:${this.env.GATEWAY_PORT}/v1/me`, token)).status;
  }
}

/** The processes whose command line mentions `text`. */
function processesOf(text: string): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes(text) && !line.includes('ps -eo'));
}

describe('npm start', () => {
  it('runs the main job: issue, call, list, revoke, 401', async () => {
    const launched = await NpmStart.start(await NpmStart.settings());
    const { GATEWAY_PORT, KEYS_MANAGE_PORT } = launched.env;
    expect(launched.process.stdout).toContain(`http://localhost:${GATEWAY_PORT}`);
    expect(launched.process.stdout).toContain(`http://localhost:${KEYS_MANAGE_PORT}`);

    const token = await launched.issue();
    expect(await call(`http://localhost:${GATEWAY_PORT}/v1/me`, token)).toMatchObject({
      status: 200,
      body: {
        userId: 'ada@example.com',
        email: 'ada@example.com',
        capabilities: ['desktop:read', 'desktop:chat'],
      },
    });
    const id = token.split('_')[2] ?? '';
    expect((await launched.keys('list', '--owner', 'ada@example.com')).stdout).toContain(id);
    const revoked = await launched.keys('revoke', id);
    expect(revoked.stdout).toMatch(/^Revoked "Production CI" \(.{22}\); 1 gateway confirmed in \d+ ms\.\n$/);
    expect(await launched.status(token)).toBe(401);
    expect(await launched.process.stop()).toBe(0);
    expect(launched.process.stderr).toBe('');
    expect(processesOf(launched.env.DATA_DIR ?? '')).toEqual([]);
  });

  it('runs the dashboard, where a person makes a key that works and revokes it', async () => {
    const launched = await NpmStart.start(await NpmStart.settings());
    const { DASHBOARD_PORT, DATA_DIR = '' } = launched.env;
    const dashboard = `http://localhost:${DASHBOARD_PORT}`;
    expect(launched.process.stdout).toContain(`Open ${dashboard} to make your first key.`);
    expect(await (await fetch(`${dashboard}/settings?tab=apiKeys`)).text()).toContain('<div id="page">');

    const ada = new Visitor(dashboard);
    await ada.signUp();
    const { token, key } = (await ada.makeKey()).body;
    expect(await launched.status(token)).toBe(200);
    expect((await ada.post('/api/keys/check', { token })).body.status).toBe(200);
    const { id: userId } = (await ada.get('/api/session')).body.user;
    expect((await launched.keys('list', '--owner', userId)).stdout).toContain(key.id);
    expect((await ada.post(`/api/keys/${key.id}/revoke`)).body).toMatchObject({ gateways: 1 });
    expect(await launched.status(token)).toBe(401);

    await launched.process.stop();
    const again = await NpmStart.start(launched.env);
    expect((await ada.get('/api/session')).body.user).toMatchObject({ email: ada.email });
    expect(existsSync(join(DATA_DIR, 'secrets/dashboard-secret'))).toBe(true);
    await again.process.stop();
  });

  it('shows a person in the browser the keys that were made for them at the terminal', async () => {
    const launched = await NpmStart.start(await NpmStart.settings());
    const dashboard = `http://localhost:${launched.env.DASHBOARD_PORT}`;
    const token = await launched.issue();
    const id = token.split('_')[2] ?? '';
    const grace = new Visitor(dashboard);
    await grace.signUp();
    expect((await grace.get('/api/keys')).body.keys).toEqual([]);

    const proxied = new Visitor(dashboard);
    Object.assign(proxied, { email: 'ada@example.com' });
    const throughProxy = { 'x-forwarded-for': '203.0.113.9' };
    await proxied.signUp();
    expect((await proxied.get('/api/session', throughProxy)).body.user.id).not.toBe('ada@example.com');

    const ada = new Visitor(dashboard);
    Object.assign(ada, { email: 'ada@example.com' });
    await ada.signIn();
    expect((await ada.get('/api/session')).body.user).toMatchObject({
      id: 'ada@example.com',
      email: 'ada@example.com',
    });
    expect((await ada.get('/api/keys')).body.keys).toMatchObject([{ id, state: 'active' }]);
    const made = (await ada.makeKey()).body;
    expect((await launched.keys('list', '--owner', 'ada@example.com')).stdout).toContain(made.key.id);
    const suspended = await launched.keys('owners', 'suspend', 'ada@example.com');
    expect(suspended.stderr).toBe('Suspended 1 owner with 2 active keys.\n');
    expect([await launched.status(token), await launched.status(made.token)]).toEqual([401, 401]);
    await launched.keys('owners', 'resume', 'ada@example.com');
    expect((await ada.post(`/api/keys/${id}/revoke`)).body).toMatchObject({ gateways: 1 });
    expect(await launched.status(token)).toBe(401);
    await launched.process.stop();
  });

  it('runs the example behind the gateway, and lets in nobody but that', async () => {
    const launched = await NpmStart.start(await NpmStart.settings());
    const { DATA_DIR = '', EXAMPLE_PORT } = launched.env;
    const url = `http://127.0.0.1:${EXAMPLE_PORT}/v1/desktops`;
    expect(launched.process.stdout).toContain(`http://127.0.0.1:${EXAMPLE_PORT}   sample desktops`);
    expect((await call(url, await launched.issue())).status).toBe(401);

    const secret = readFileSync(join(DATA_DIR, 'secrets/identity-secret'), 'utf8').trim();
    const signer = await IdentitySigner.from([secret]);
    const owner = { id: 'u-1', email: 'ada@example.com', emailVerified: false, role: 'user', tier: 'pro' };
    const principal = { keyId: 'k', capabilities: [], expiresAtMs: null, rateLimitPerMinute: null, owner };
    const headers = { 'x-le-bureau-identity': await signer.sign(principal, 'desktops') };
    expect(await call(url, undefined, { headers })).toMatchObject({
      status: 200,
      body: { desktops: [{ name: 'Research' }, { name: 'Builds' }] },
    });
    await launched.process.stop();
  });

  it('runs no example when every group has a service', async () => {
    const env = {
      ...(await NpmStart.settings()),
      UPSTREAM_DESKTOPS_URL: 'http://127.0.0.1:9',
      UPSTREAM_SCHEDULES_URL: 'http://127.0.0.1:9',
      UPSTREAM_KB_URL: 'http://127.0.0.1:9',
    };
    const launched = await NpmStart.start(env);
    expect(launched.process.stdout).not.toContain('sample desktops');
    await expect(fetch(`http://127.0.0.1:${launched.env.EXAMPLE_PORT}/healthz`)).rejects.toThrow();
    await launched.process.stop();
  });

  it('says in each line which of its services speaks', async () => {
    const launched = await NpmStart.start({
      ...(await NpmStart.settings()),
      UPSTREAM_DESKTOPS_URL: 'http://127.0.0.1:9',
    });
    const socket = connect(Number(launched.env.KEYS_VERIFY_PORT), '127.0.0.1').end(
      ['{"pattern":"ready.v1","id":"1"}', '{"pattern":"no-event"}', 'no JSON']
        .map((message) => `${message.length}#${message}`)
        .join(''),
    );
    await once(socket, 'close');
    await call(`http://localhost:${launched.env.GATEWAY_PORT}/v1/desktops`, await launched.issue());
    await launched.process.waitForOutput('upstream_unreachable');
    const spoken = launched.process.stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => {
        const { service, context }: { service?: string; context?: string } = JSON.parse(line);
        return `${service}: ${context}`;
      });
    expect(spoken).toEqual(
      expect.arrayContaining(['keys: VerificationRpcGuard', 'keys: VerifyServer', 'gateway: Problems']),
    );
    expect(new Set(spoken.filter((line) => /Verif|Problems/.test(line)))).toEqual(
      new Set(['keys: VerificationRpcGuard', 'keys: VerifyServer', 'gateway: Problems']),
    );
    await launched.process.stop();
  });

  it('keeps keys and revocations over a restart, and after kill -9', async () => {
    const env = await NpmStart.settings();
    const first = await NpmStart.start(env);
    const [kept, revoked] = [await first.issue(), await first.issue()];
    await first.keys('revoke', revoked);
    await first.process.stop();

    const second = await NpmStart.start(env);
    expect([await second.status(kept), await second.status(revoked)]).toEqual([200, 401]);
    second.process.signal('SIGKILL');
    await second.process.exited;
    expect(processesOf(`${env.DATA_DIR}/postgres`)).not.toEqual([]); // PostgreSQL was left behind

    const third = await NpmStart.start(env);
    expect([await third.status(kept), await third.status(revoked)]).toEqual([200, 401]);
    const again = await third.issue();
    expect(await third.status(again)).toBe(200);
    await third.process.stop();
    expect(processesOf(env.DATA_DIR ?? '')).toEqual([]);
  });

  it('leaves a data folder alone that another one uses, and says so', async () => {
    const env = await NpmStart.settings();
    const first = await NpmStart.start(env);
    const token = await first.issue();
    const second = await run('apps/standalone/src/main.js', {
      ...(await NpmStart.settings()),
      DATA_DIR: env.DATA_DIR ?? '',
    });
    expect(second.stderr).toMatch(
      /^The data folder .* is in use by another process: stop that one, or set DATA_DIR to another folder\.\n$/,
    );
    expect(second.code).toBe(1);
    expect(await first.status(token)).toBe(200);
    await first.process.stop();
  });

  it('leaves nothing running when it cannot start', async () => {
    const env = await NpmStart.settings();
    const taken = createServer().listen(Number(env.GATEWAY_PORT), '127.0.0.1');
    await once(taken, 'listening');
    const program = await run('apps/standalone/src/main.js', env);
    expect(program.stderr).toContain(
      `Port ${env.GATEWAY_PORT} is taken: stop what listens there, or set GATEWAY_PORT to another port.`,
    );
    expect(program.code).toBe(1);
    expect(processesOf(env.DATA_DIR ?? '')).toEqual([]);
    taken.close();
  });

  it('says what is wrong with a data folder that is a file', async () => {
    const folder = runFolder('data', uniqueName('file'));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'data'), '');
    const program = await run('apps/standalone/src/main.js', {
      ...(await NpmStart.settings()),
      DATA_DIR: join(folder, 'data'),
    });
    expect(program.stderr).toMatch(
      /^The data folder .* cannot be used \(.*\): set DATA_DIR to another folder\.\n$/,
    );
    expect(program.code).toBe(1);
  });
});

describe('npm start, told otherwise', () => {
  /** Writes each setting into a file, and names that instead. */
  function byFiles(settings: Record<string, string>): Record<string, string> {
    const folder = runFolder('settings', uniqueName('files'));
    return Object.fromEntries(
      Object.entries(settings).map(([name, value]) => {
        writeFileSync(join(folder, name), `${value}\n`);
        return [`${name}_FILE`, join(folder, name)];
      }),
    );
  }

  /** Makes a key by the command line, and tries it at the gateway and through the dashboard. */
  async function expectToWork(launched: NpmStart, gatewayUrl: string): Promise<void> {
    const token = await launched.issue();
    expect((await call(`${gatewayUrl}/v1/me`, token)).status).toBe(200);
  }

  it('takes its settings from files: the database, and every port', async () => {
    const { DATA_DIR = '', KEYS_URL = '', BCRYPT_COST = '', ...ports } = await NpmStart.settings();
    const given = await makeDatabase();
    const files = byFiles({ ...ports, DATABASE_URL: given.url, DATA_DIR });
    const launched = await NpmStart.start({ ...files, KEYS_URL, BCRYPT_COST });
    expect(existsSync(join(DATA_DIR, 'postgres'))).toBe(false);
    const issued = await run(CLI, { ...byFiles({ DATA_DIR }), KEYS_URL }, [
      ...['issue', '--json', '--owner', 'ada@example.com', '--name', 'x', '--capability', 'kb:read'],
    ]);
    const { token } = JSON.parse(issued.stdout);
    noteIssued(token);
    expect((await call(`http://localhost:${ports.GATEWAY_PORT}/v1/me`, token)).status).toBe(200);
    expect((await given.query('SELECT * FROM api_keys')).rowCount).toBe(1);
    await launched.process.stop();
    await given.close();
  });

  it('takes what is empty for not set', async () => {
    const settings = await NpmStart.settings();
    const nothing = [
      'DATABASE_URL',
      'DATABASE_PASSWORD_FILE',
      'KEYS_HOST',
      'GATEWAY_URL',
      'REDIS_URL',
      'KEYS_TLS_CERT',
    ];
    const launched = await NpmStart.start({
      ...settings,
      ...Object.fromEntries(nothing.map((name) => [name, ''])),
    });
    await expectToWork(launched, `http://localhost:${settings.GATEWAY_PORT}`);
    await launched.process.stop();
  });

  it.each(['127.0.0.2', '::1', '0.0.0.0', '::', 'localhost'])(
    'works on another address: %s',
    async (host) => {
      const settings = await NpmStart.settings();
      const [reached, shown] = [localHost(host), shownHost(host)];
      const { GATEWAY_PORT, KEYS_MANAGE_PORT, DASHBOARD_PORT } = settings;
      const launched = await NpmStart.start({
        ...settings,
        KEYS_HOST: host,
        GATEWAY_HOST: host,
        DASHBOARD_HOST: host,
        KEYS_URL: `http://${reached}:${KEYS_MANAGE_PORT}`,
      });
      for (const port of [GATEWAY_PORT, KEYS_MANAGE_PORT, DASHBOARD_PORT])
        expect(launched.process.stdout).toContain(`http://${shown}:${port}`);
      await expectToWork(launched, `http://${reached}:${GATEWAY_PORT}`);

      const ada = new Visitor(`http://${shown}:${DASHBOARD_PORT}`);
      await ada.signUp();
      const { token } = (await ada.makeKey()).body;
      expect((await ada.post('/api/keys/check', { token })).body.status).toBe(200);
      expect((await ada.get('/api/session')).body.gatewayUrl).toBe(`http://${shown}:${GATEWAY_PORT}`);
      await launched.process.stop();
    },
  );

  it('says by which name keys is to be asked, when that has a certificate', async () => {
    const program = await run('apps/standalone/src/main.js', {
      ...(await NpmStart.settings()),
      KEYS_TLS_CERT: OURS.cert,
      KEYS_TLS_KEY: OURS.key,
    });
    expect(program.stderr).toMatch(
      /^KEYS_TLS_CERT is set, so KEYS_VERIFY_URL and KEYS_MANAGE_URL must be set, too/,
    );
    expect(program.code).toBe(78);
  });

  it('says which port is none, without a stack', async () => {
    const program = await run('apps/standalone/src/main.js', {
      ...(await NpmStart.settings()),
      ...byFiles({ KEYS_VERIFY_PORT: 'http' }),
      KEYS_VERIFY_PORT: '',
    });
    expect(program.stderr).toBe('KEYS_VERIFY_PORT must be an integer from 0 to 65535.\n');
    expect(program.code).toBe(78);
  });
});

describe('the command line', () => {
  let launched: NpmStart;
  beforeAll(async () => void (launched = await NpmStart.start(await NpmStart.settings())));
  afterAll(() => launched.process.stop());

  it('prints the key alone on standard output, and what it has to say on standard error', async () => {
    const issued = await launched.keys(
      'issue',
      '--owner',
      'ada@example.com',
      '--name',
      'x',
      '--capability',
      'kb:read',
    );
    noteIssued(issued.stdout.trim());
    expect(issued.stdout).toMatch(/^sk_live_\w+\n$/);
    expect(issued.stderr).toContain('Created owner ada@example.com');
    expect(issued.stderr).toContain("You won't see it again.");
  });

  it('answers JSON to scripts', async () => {
    const issued = await launched.keys(
      'issue',
      '--json',
      '--owner',
      'ada@example.com',
      '--name',
      'x',
      '--capability',
      'kb:read',
      '--expires',
      '2099-01-01T00:00:00Z',
      '--rate-limit',
      '600',
    );
    const { token, key } = JSON.parse(issued.stdout);
    noteIssued(token);
    expect(key).toMatchObject({
      name: 'x',
      createdBy: 'cli',
      expiresAt: '2099-01-01T00:00:00.000Z',
      rateLimitPerMinute: 600,
    });
    expect(JSON.parse((await launched.keys('show', key.id, '--json')).stdout)).toEqual(key);
    expect(
      JSON.parse((await launched.keys('list', '--json', '--owner', 'ada@example.com')).stdout),
    ).toContainEqual(key);
    expect(
      JSON.parse((await launched.keys('revoke', key.id, '--json', '--reason', 'test')).stdout),
    ).toMatchObject({
      effective: true,
      gateways: 1,
      key: { revokedBy: 'cli', revocationReason: 'test' },
    });
    expect((await launched.keys('show', key.id)).stdout).toMatch(
      /state +revoked\n[^]*rate limit +600 per minute\n/,
    );
  });

  it('manages owners', async () => {
    const put = await launched.keys(
      'owners',
      'put',
      'u-1',
      '--email',
      'grace@example.com',
      '--email-verified',
      '--tier',
      'pro',
      '--json',
    );
    expect(JSON.parse(put.stdout)).toMatchObject({
      id: 'u-1',
      email: 'grace@example.com',
      emailVerified: true,
      emailSource: 'cli',
      role: 'user',
      tier: 'pro',
    });
    const issued = await launched.keys(
      'issue',
      '--owner',
      'grace@example.com',
      '--name',
      'x',
      '--capability',
      'kb:read',
    );
    const token = issued.stdout.trim();
    noteIssued(token);
    expect(await launched.status(token)).toBe(200);
    await launched.keys('owners', 'suspend', 'grace@example.com');
    expect(await launched.status(token)).toBe(401);
    await launched.keys('owners', 'resume', 'u-1');
    expect(await launched.status(token)).toBe(200);
    expect((await launched.keys('owners', 'show', 'u-1')).stdout).toMatch(/suspended +no\n/);
  });

  it.each<[string, number, RegExp, string[]]>([
    ['help', 0, /^$/, ['--help']],
    ['no such command', 2, /unknown command 'destroy'/, ['destroy']],
    ['a missing option', 2, /required option '--owner/, ['list']],
    [
      'an unknown capability',
      2,
      /There is no capability "desktop:own"\. Choose from/,
      ['issue', '--owner', 'ada@example.com', '--name', 'x', '--capability', 'desktop:own'],
    ],
    [
      'a rate limit that is none',
      2,
      /Rate limit must be an integer from 1 to 1000000 requests per minute\./,
      [
        'issue',
        '--owner',
        'ada@example.com',
        '--name',
        'x',
        '--capability',
        'kb:read',
        '--rate-limit',
        '1e3',
      ],
    ],
    ['an ID that is none', 2, /22 characters after sk_live_/, ['show', 'hello']],
    ['an unknown key', 3, /No key with that ID/, ['revoke', '0352dezfK9Gia0iM56jbgM']],
    ['an unknown owner', 3, /No owner with the ID nobody/, ['list', '--owner', 'nobody']],
  ])('ends with a code that scripts can tell: %s', async (_, code, sentence, args) => {
    const program = await launched.keys(...args);
    expect(program.stderr).toMatch(sentence);
    expect(program.code).toBe(code);
  });

  it('ends with 4 when the credential is wrong, and 5 when nobody answers', async () => {
    const { KEYS_URL = '' } = launched.env;
    const wrong = await run(CLI, { KEYS_URL, KEYS_MANAGE_TOKEN: 'x'.repeat(40) }, [
      'show',
      '0352dezfK9Gia0iM56jbgM',
    ]);
    expect(wrong).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('is not the one of this service'),
    });
    const nobody = await run(CLI, { KEYS_URL: 'http://127.0.0.1:9', KEYS_MANAGE_TOKEN: 'x'.repeat(40) }, [
      'list',
      '--owner',
      'x',
    ]);
    expect(nobody).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('does not answer. Start it with npm start, or set KEYS_URL.'),
    });
  });

  it('sends the id alone when a whole key is pasted', async () => {
    const token = await launched.issue();
    await launched.keys('revoke', token);
    expect(await launched.status(token)).toBe(401);
    expect(launched.process.stdout + launched.process.stderr).not.toContain(token.slice(-46));
  });

  it('is what npm run keys runs', () => {
    const { DATA_DIR = '', KEYS_URL = '' } = launched.env;
    const { PATH = '', HOME = '' } = process.env;
    const npm = spawnSync('npm', ['run', '--silent', 'keys', '--', 'list', '--owner', 'ada@example.com'], {
      cwd: ROOT,
      env: { PATH, HOME, DATA_DIR, KEYS_URL },
      encoding: 'utf8',
    });
    expect(npm.stdout).toMatch(/^ID +NAME/);
  });
});
