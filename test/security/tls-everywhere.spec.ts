import { chmodSync, chownSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generate } from 'selfsigned';
import { EmbeddedPostgres } from '#libs/embedded-postgres';
import { ManageClient } from '#libs/keys-client';
import {
  acknowledged,
  type KeysProcess,
  type ServiceProcess,
  TEST_SECRETS,
  type TestDatabase,
  type TestRedis,
  call,
  freePort,
  noteIssued,
  openDatabase,
  runFolder,
  startDashboardProcess,
  startGatewayProcess,
  startKeysProcess,
  startProgram,
  startRedis,
  uniqueName,
} from '#libs/testing';
import { Visitor } from '../dashboard/visitor.js';

const PASSWORD = 'the-database-password-of-tls';

interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A self-signed certificate for localhost. */
async function certify(): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  return { cert, key };
}

/** The same in files that only the user of `folder` can read. */
function write({ cert, key }: Certificate, folder: string): { certFile: string; keyFile: string } {
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const { uid, gid } = statSync(folder);
  for (const [file, text] of [
    [certFile, cert],
    [keyFile, key],
  ] as const) {
    writeFileSync(file, text);
    chmodSync(file, 0o600);
    chownSync(file, uid, gid);
  }
  return { certFile, keyFile };
}

describe('every connection with keys or credentials uses TLS', () => {
  let made: { keys: Certificate; redis: Certificate; postgres: Certificate };
  let postgres: EmbeddedPostgres;
  let database: TestDatabase;
  let redis: TestRedis;
  let keys: KeysProcess;
  let gateway: ServiceProcess;
  let dashboard: ServiceProcess;
  let env: Record<string, string>;
  let databaseUrl: string;

  beforeAll(async () => {
    const [ofKeys, ofRedis, ofPostgres] = await Promise.all([certify(), certify(), certify()]);
    made = { keys: ofKeys, redis: ofRedis, postgres: ofPostgres };

    // PostgreSQL reads its files as the user that owns its cluster.
    const folder = runFolder(uniqueName('embedded'));
    const before = await EmbeddedPostgres.start({ folder, password: PASSWORD });
    await before.stop();
    const files = write(made.postgres, join(folder, 'postgres'));
    const settings = { ssl: 'on', ssl_cert_file: files.certFile, ssl_key_file: files.keyFile };
    postgres = await EmbeddedPostgres.start({ folder, password: PASSWORD, settings });
    const { port: databasePort } = new URL(postgres.url);
    database = await openDatabase(`postgres://keys:${PASSWORD}@127.0.0.1:${databasePort}/keys`);

    const tlsPort = await freePort();
    const ofServer = write(made.redis, runFolder('redis', uniqueName('tls')));
    redis = await startRedis([
      ...['--tls-port', String(tlsPort), '--tls-auth-clients', 'no'],
      ...['--tls-cert-file', ofServer.certFile, '--tls-key-file', ofServer.keyFile],
      ...['--tls-ca-cert-file', ofServer.certFile],
    ]);

    env = {
      ...TEST_SECRETS,
      BCRYPT_COST: '4',
      REDIS_URL: `rediss://localhost:${tlsPort}`,
      REDIS_TLS_CA: made.redis.cert,
    };
    databaseUrl = `postgres://keys:${PASSWORD}@localhost:${databasePort}/keys`;
    keys = await startKeysProcess({
      ...env,
      DATABASE_URL: databaseUrl,
      DATABASE_TLS_CA: made.postgres.cert,
      KEYS_TLS_CERT: made.keys.cert,
      KEYS_TLS_KEY: made.keys.key,
    });
    gateway = await startGatewayProcess({
      ...env,
      KEYS_VERIFY_URL: `tls://localhost:${keys.verifyPort}`,
      KEYS_TLS_CA: made.keys.cert,
    });
    dashboard = await startDashboardProcess({
      ...env,
      DASHBOARD_DATABASE_URL: databaseUrl,
      DASHBOARD_DATABASE_TLS_CA: made.postgres.cert,
      KEYS_MANAGE_URL: manageUrl(),
      KEYS_TLS_CA: made.keys.cert,
      GATEWAY_URL: gateway.url,
    });
  });
  afterAll(async () => {
    for (const service of [dashboard, gateway, keys.service]) await service.process.stop();
    await redis.stop();
    await database.close();
    await postgres.stop();
  });

  const manageUrl = (): string => `https://localhost:${new URL(keys.service.url).port}`;
  const manage = (ca?: string): ManageClient =>
    new ManageClient({ url: manageUrl(), credential: TEST_SECRETS.KEYS_MANAGE_TOKEN, ca });

  it('when a key is created, used and revoked, on the page and at the management API', async () => {
    const ada = new Visitor(dashboard.url);
    await ada.signUp();
    const { body } = await ada.makeKey('Over TLS', ['kb:read']);
    expect((await call(`${gateway.url}/v1/me`, body.token)).status).toBe(200);
    expect(await acknowledged(() => manage(made.keys.cert).revoke(body.key.id))).toMatchObject({
      effective: true,
      how: 'acknowledged',
      gateways: 1,
    });
    expect((await call(`${gateway.url}/v1/me`, body.token)).status).toBe(401);
  });

  it('with the command line, too', async () => {
    const cli = (...args: string[]) =>
      startProgram(
        'bin/cli.js',
        { ...TEST_SECRETS, KEYS_URL: manageUrl(), KEYS_TLS_CA: made.keys.cert },
        args,
      );
    await manage(made.keys.cert).putOwner('grace', { email: 'grace@example.com' });
    const { token } = await manage(made.keys.cert).issue('grace', { name: 'x', capabilities: ['kb:read'] });
    noteIssued(token);
    const list = cli('list', '--owner', 'grace');
    expect(await list.exited).toBe(0);
    expect(list.stdout).toContain('kb:read');
  });

  it('to PostgreSQL', async () => {
    const { rows } = await database.query(
      `SELECT DISTINCT application_name AS name, ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
        WHERE application_name IN ('keys', 'dashboard') ORDER BY 1`,
    );
    expect(rows).toEqual([
      { name: 'dashboard', ssl: true },
      { name: 'keys', ssl: true },
    ]);
  });

  it('and no certificate of another authority is trusted', async () => {
    const { cert } = await certify();
    await expect(manage(cert).getOwner('grace')).rejects.toThrow('does not answer');
    await expect(manage().getOwner('grace')).rejects.toThrow('does not answer');
    const refused = startProgram('bin/keys.js', {
      ...env,
      DATABASE_URL: databaseUrl,
      DATABASE_TLS_CA: cert,
    });
    expect(await refused.exited).toBe(1);
    expect(refused.stderr).toContain('self-signed certificate');
    // A gateway without Redis serves, and says why it has none.
    const wary = await startGatewayProcess({
      ...env,
      REDIS_TLS_CA: cert,
      KEYS_VERIFY_URL: `tls://localhost:${keys.verifyPort}`,
      KEYS_TLS_CA: made.keys.cert,
    });
    await wary.process.waitForOutput('has a certificate that is not trusted (self-signed certificate)');
    await wary.process.stop();
  });

  it('and metrics show when each certificate expires', async () => {
    const shown = [keys.service, gateway, dashboard].map((service) =>
      service.metrics('certificate_ends_timestamp_seconds'),
    );
    const settings = (await Promise.all(shown)).map((lines) =>
      lines.map((line) => /setting="(\w+)"/.exec(line)?.[1]),
    );
    expect(settings).toEqual([
      ['KEYS_TLS_CERT', 'REDIS_TLS_CA', 'DATABASE_TLS_CA'],
      ['KEYS_TLS_CA', 'REDIS_TLS_CA'],
      ['KEYS_TLS_CA', 'DASHBOARD_DATABASE_TLS_CA'],
    ]);
  });
});
