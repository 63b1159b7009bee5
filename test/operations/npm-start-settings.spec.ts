import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { localHost, shownHost } from '#libs/service';
import { call, makeDatabase, noteIssued, runFolder, uniqueName } from '#libs/testing';
import { Visitor } from '../dashboard/visitor.js';
import { certify, NpmStart, run, CLI } from './npm-start.js';

const CERTIFICATE = await certify();

describe('npm start with settings', () => {
  /** Writes each setting into a file, and passes its name instead. */
  function byFiles(settings: Record<string, string>): Record<string, string> {
    const folder = runFolder('settings', uniqueName('files'));
    return Object.fromEntries(
      Object.entries(settings).map(([name, value]) => {
        writeFileSync(join(folder, name), `${value}\n`);
        return [`${name}_FILE`, join(folder, name)];
      }),
    );
  }

  /** Creates a key with the command line, and tests it at the gateway and through the dashboard. */
  async function expectToWork(launched: NpmStart, gatewayUrl: string): Promise<void> {
    const token = await launched.issue();
    expect((await call(`${gatewayUrl}/v1/me`, token)).status).toBe(200);
  }

  it('reads settings from files: the database, and every port', async () => {
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

  it('runs for another company, by its catalogue alone', async () => {
    const catalogue = join(import.meta.dirname, '../../../examples/invoices/catalogue.yaml');
    const settings = await NpmStart.settings();
    const launched = await NpmStart.start({ ...settings, CATALOGUE_FILE: catalogue });
    expect(launched.process.stdout).toMatch(/^Tidy Invoices: API keys are running\./m);
    expect(launched.process.stdout).toContain('--capability invoices:read --capability customers:read');
    expect(launched.process.stdout).not.toContain('desktops');
    const issued = await launched.keys(
      ...['issue', '--owner', 'ada@example.com', '--name', 'x', '--preset', 'accountant'],
    );
    const token = issued.stdout.trim();
    noteIssued(token);

    const gateway = `http://localhost:${settings.GATEWAY_PORT}`;
    const granted = ['invoices:read', 'customers:read', 'exports:run'];
    expect((await call(`${gateway}/v1/me`, token)).body).toMatchObject({ capabilities: granted });
    expect((await call(`${gateway}/v1/desktops`, token)).status).toBe(404);
    expect((await call(`${gateway}/v1/me`)).headers.get('www-authenticate')).toBe(
      'Bearer realm="Tidy Invoices"',
    );
    const { info, tags, paths } = Object((await call(`${gateway}/openapi.json`)).body);
    expect(info).toMatchObject({
      title: 'Tidy Invoices',
      description: expect.stringContaining('`exports:run`: Export the books'),
    });
    expect(Object.keys(paths)).toEqual(['/v1/me', '/credentials/revoke']);
    expect(tags.map(({ name }: { name: string }) => name)).toEqual(['Me', 'Leaked keys']);
    expect(await (await fetch(`${gateway}/docs`)).text()).toContain('<title>Tidy Invoices API</title>');

    const ada = new Visitor(`http://localhost:${settings.DASHBOARD_PORT}`);
    expect((await ada.get('/api/session')).body.title).toBe('Tidy Invoices');
    expect((await ada.get('/api/catalogue')).status).toBe(401);
    await ada.signUp();
    expect((await ada.get('/api/catalogue')).body).toMatchObject({
      groups: [{ name: 'invoices', title: 'Invoices' }, {}, {}],
      presets: [{ name: 'accountant', capabilities: granted }, {}],
    });
    expect((await ada.makeKey('x', ['desktop:read'])).body.detail).toMatch(
      /^Unknown capability "desktop:read"\. Choose from: invoices:read, /,
    );
    await launched.process.stop();
  });

  it('treats empty settings as not set', async () => {
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

  it('requires the URL of keys if that has a certificate', async () => {
    const program = await run('bin/standalone.js', {
      ...(await NpmStart.settings()),
      KEYS_TLS_CERT: CERTIFICATE.cert,
      KEYS_TLS_KEY: CERTIFICATE.key,
    });
    expect(program.stderr).toMatch(
      /^KEYS_TLS_CERT is set, so KEYS_VERIFY_URL and KEYS_MANAGE_URL must be set, too/,
    );
    expect(program.code).toBe(78);
  });

  it('names an invalid port, without a stack trace', async () => {
    const program = await run('bin/standalone.js', {
      ...(await NpmStart.settings()),
      ...byFiles({ KEYS_VERIFY_PORT: 'http' }),
      KEYS_VERIFY_PORT: '',
    });
    expect(program.stderr).toBe('KEYS_VERIFY_PORT must be an integer from 0 to 65535.\n');
    expect(program.code).toBe(78);
  });
});
