import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  TEST_SECRETS,
  type TestDatabase,
  call,
  freePort,
  makeDatabase,
  startDashboardProcess,
  startProgram,
} from '#libs/testing';
import { OIDC_CLIENT, OidcIssuer } from './oidc-issuer.js';

let database: TestDatabase;
let issuer: OidcIssuer;
let good: Record<string, string>;
beforeAll(async () => {
  database = await makeDatabase();
  issuer = await OidcIssuer.start(await freePort(), 'http://localhost:1');
  good = {
    ...TEST_SECRETS,
    DASHBOARD_HOST: '127.0.0.1',
    DASHBOARD_DATABASE_URL: database.url,
    KEYS_MANAGE_URL: 'http://127.0.0.1:1',
    GATEWAY_URL: 'http://127.0.0.1:1',
  };
});
afterAll(() => Promise.all([database.close(), issuer.stop()]));

async function startWith(env: Record<string, string>): Promise<{ code: unknown; stderr: string }> {
  const program = startProgram('bin/dashboard.js', { ...good, DASHBOARD_PORT: '0', ...env });
  const code = await program.exited;
  return { code, stderr: program.stderr };
}

describe('a start of the dashboard that fails', () => {
  it('names the wrong settings and what they should be', async () => {
    const { code, stderr } = await startWith({
      NODE_ENV: 'production',
      GITHUB_CLIENT_SECRET: 'the-github-secret',
    });
    expect(stderr).toBe(
      'GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET belong together. Set both or neither.\n' +
        'DASHBOARD_URL is missing. In production, set it to the URL at which people open the dashboard.\n',
    );
    expect(code).toBe(78);
  });

  it('names an issuer that does not match', async () => {
    const { code, stderr } = await startWith({ OIDC_ISSUER: `${issuer.url}/`, ...OIDC_CLIENT });
    expect(stderr).toBe(
      `The issuer at OIDC_ISSUER calls itself ${issuer.url}. Set OIDC_ISSUER to exactly that.\n`,
    );
    expect(code).toBe(1);
  });

  it('names the database that is down, without its password', async () => {
    const url = 'postgres://dashboard:the-database-password@127.0.0.1:1/keys';
    const { code, stderr } = await startWith({ DASHBOARD_DATABASE_URL: url });
    expect(stderr).toMatch(
      /^Cannot connect to the database 127\.0\.0\.1:1\/keys \(.*\)\. Start it, or correct DASHBOARD_/,
    );
    expect(stderr).not.toContain('the-database-password');
    expect(code).toBe(1);
  });
});

describe('a start of the dashboard', () => {
  it('creates its tables in a schema of its own, with several replicas at once', async () => {
    const replicas = await Promise.all([1, 2, 3].map(() => startDashboardProcess(good)));
    await Promise.all(replicas.map(({ process }) => process.stop()));
    const { rows } = await database.query(
      `SELECT table_schema, table_name FROM information_schema.tables
       WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY table_name`,
    );
    const tables = [
      'account',
      'audit_outbox',
      'failed_sign_ins',
      'rateLimit',
      'session',
      'user',
      'verification',
    ];
    expect(rows.map(({ table_schema: schema, table_name: name }) => `${schema}.${name}`)).toEqual(
      tables.map((name) => `dashboard.${name}`),
    );
  });

  it('needs only a role that may create schemas', async () => {
    const name = new URL(database.url).pathname.slice(1);
    const role = `${name}_role`;
    await database.query('DROP SCHEMA dashboard CASCADE');
    await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'the-role-password'`);
    await database.query(`GRANT CREATE ON DATABASE ${name} TO ${role}`);
    const url = new URL(database.url);
    url.username = role;
    url.password = 'the-role-password';
    const dashboard = await startDashboardProcess({ ...good, DASHBOARD_DATABASE_URL: url.href });
    await dashboard.process.stop();
    const { rows } = await database.query(
      `SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'dashboard'`,
    );
    expect(rows).toEqual([{ tableowner: role }]);
  });

  it.each(['https://api.example.com/', 'https://api.example.com//', 'https://api.example.com'])(
    'shows the gateway URL without trailing slashes: %s',
    async (url) => {
      const dashboard = await startDashboardProcess({ ...good, PUBLIC_GATEWAY_URL: url });
      expect(await call(`${dashboard.url}/api/session`)).toMatchObject({
        body: { gatewayUrl: 'https://api.example.com' },
      });
      await dashboard.process.stop();
    },
  );
});
