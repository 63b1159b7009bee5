import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IdentitySigner } from '#libs/signed-identity/signing';
import { call, runFolder, uniqueName } from '#libs/testing';
import { Visitor } from '../dashboard/visitor.js';
import { NpmStart, processesOf, run } from './npm-start.js';

describe('npm start', () => {
  it('supports the main workflow: issue, call, list, revoke, 401', async () => {
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
    // A busy machine takes a second, and may keep the gateway from confirming.
    expect(revoked.stdout).toMatch(
      /^Revoked "Production CI" \(.{22}\); (1 gateway confirmed in [\d.]+ m?s|in effect everywhere after [\d.]+ m?s, \d gateways? confirmed)\.\n$/,
    );
    expect(await launched.status(token)).toBe(401);
    expect(await launched.process.stop()).toBe(0);
    expect(launched.process.stderr).toBe('');
    expect(processesOf(launched.env.DATA_DIR ?? '')).toEqual([]);
  });

  it('runs the dashboard, where a person creates a working key and revokes it', async () => {
    const launched = await NpmStart.start(await NpmStart.settings());
    const { DASHBOARD_PORT, DATA_DIR = '' } = launched.env;
    const dashboard = `http://localhost:${DASHBOARD_PORT}`;
    expect(launched.process.stdout).toContain(`Open ${dashboard} to create your first key.`);
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

  it('does not run the example if every group has a service', async () => {
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

  it('names the service in each line of the log', async () => {
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
      expect.arrayContaining(['keys: VerificationRpcGuard', 'keys: VerifyServer', 'gateway: ProblemFilter']),
    );
    expect(new Set(spoken.filter((line) => /Verif|Problem/.test(line)))).toEqual(
      new Set(['keys: VerificationRpcGuard', 'keys: VerifyServer', 'gateway: ProblemFilter']),
    );
    await launched.process.stop();
  });

  it('keeps keys and revocations across restarts, and after kill -9', async () => {
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

  it('leaves nothing running if it cannot start', async () => {
    const env = await NpmStart.settings();
    const taken = createServer().listen(Number(env.GATEWAY_PORT), '127.0.0.1');
    await once(taken, 'listening');
    const program = await run('bin/standalone.js', env);
    expect(program.stderr).toContain(
      `Port ${env.GATEWAY_PORT} is taken: stop what listens there, or set GATEWAY_PORT to another port.`,
    );
    expect(program.code).toBe(1);
    expect(processesOf(env.DATA_DIR ?? '')).toEqual([]);
    taken.close();
  });

  it('says what is wrong if the data folder is a file', async () => {
    const folder = runFolder('data', uniqueName('file'));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'data'), '');
    const program = await run('bin/standalone.js', {
      ...(await NpmStart.settings()),
      DATA_DIR: join(folder, 'data'),
    });
    expect(program.stderr).toMatch(
      /^The data folder .* cannot be used \(.*\): set DATA_DIR to another folder\.\n$/,
    );
    expect(program.code).toBe(1);
  });
});

describe('npm start, while it runs', () => {
  let launched: NpmStart;
  beforeAll(async () => void (launched = await NpmStart.start(await NpmStart.settings())));
  afterAll(() => launched.process.stop());

  it('shows people in the browser the keys that were issued for them by command line', async () => {
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
  });

  it('runs the example, which only accepts requests of the gateway', async () => {
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
  });

  it('refuses a data folder that another one uses', async () => {
    const token = await launched.issue();
    const second = await run('bin/standalone.js', {
      ...(await NpmStart.settings()),
      DATA_DIR: launched.env.DATA_DIR ?? '',
    });
    expect(second.stderr).toMatch(
      /^The data folder .* is in use by another process: stop that one, or set DATA_DIR to another folder\.\n$/,
    );
    expect(second.code).toBe(1);
    expect(await launched.status(token)).toBe(200);
  });
});
