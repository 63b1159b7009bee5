import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { EmbeddedPostgres } from '#libs/embedded-postgres';
import { RunningProcess, Stack, call, openDatabase, runFolder, uniqueName } from '#libs/testing';

const PASSWORD = 'the-database-password-of-the-backup';
const SCRIPTS = join(import.meta.dirname, '../../../scripts');

/** The folder of the system's PostgreSQL programs: pg_dump must be as new as the server, and npm's package has none. */
const programs = findPrograms();
const binaries = { postgres: join(programs, 'postgres'), initdb: join(programs, 'initdb') };

function findPrograms(): string {
  const debian = '/usr/lib/postgresql';
  const folders = existsSync(debian)
    ? readdirSync(debian).map((version) => join(debian, version, 'bin'))
    : (process.env.PATH ?? '').split(':');
  const found = folders.findLast((folder) =>
    ['postgres', 'initdb', 'pg_dump'].every((program) => existsSync(join(folder, program))),
  );
  if (found === undefined) throw new Error('the tests need a PostgreSQL server with pg_dump');
  return found;
}

const folder = runFolder(uniqueName('backed-up'));
const dump = join(runFolder('backups'), 'keys.dump');
let server: EmbeddedPostgres;
let stack: Stack;

function startServer(folder: string): Promise<EmbeddedPostgres> {
  return EmbeddedPostgres.start({ folder, password: PASSWORD, binaries });
}

/** Runs a script as an operator does, against the current server. */
async function run(script: string): Promise<{ code: unknown; output: string }> {
  // The server restarts on another port in between; and every setting may come from a file.
  const address = join(runFolder('backups'), 'database-url');
  writeFileSync(address, `${server.url}\n`);
  const env = {
    DATABASE_URL_FILE: address,
    DATABASE_PASSWORD: PASSWORD,
    PATH: `${programs}:${process.env.PATH ?? ''}`,
  };
  const running = new RunningProcess(join(SCRIPTS, script), [dump], env);
  const code = await running.exited;
  return { code, output: running.stdout + running.stderr };
}

const statusOf = async (token: string): Promise<number> =>
  (await call(`${stack.gatewayUrl}/v1/me`, token)).status;

beforeAll(async () => {
  server = await startServer(folder);
  const url = new URL(server.url);
  url.password = PASSWORD;
  stack = await Stack.start({ database: await openDatabase(url.href) });
});
afterAll(async () => {
  await stack.stop();
  await server.stop();
});

it('after a restore, keys work and revoked ones do not, except those revoked since the backup', async () => {
  const [kept, revoked, revokedSince] = [await stack.issue(), await stack.issue(), await stack.issue()];
  await stack.manage.revoke(revoked.key.id);
  expect(await run('backup.sh')).toMatchObject({
    code: 0,
    output: expect.stringContaining('KEY_TAG_SECRET'),
  });
  const issuedSince = await stack.issue();
  await stack.manage.revoke(revokedSince.key.id);

  await stack.keys[0]?.service.process.stop();
  await server.stop();
  rmSync(folder, { recursive: true });
  server = await startServer(runFolder(uniqueName('restored')));
  expect(await run('restore.sh')).toMatchObject({
    code: 0,
    output: expect.stringContaining('the last event'),
  });
  stack.network.keysToDatabase.mend(Number(new URL(server.url).port));
  await stack.keys[0]?.service.restart();

  expect(await statusOf(kept.token)).toBe(200);
  expect(await statusOf(revoked.token)).toBe(401);
  expect(await statusOf(issuedSince.token)).toBe(401);
  // What docs/operations.md warns of, and its remedy.
  expect(await statusOf(revokedSince.token)).toBe(200);
  await stack.manage.revoke(revokedSince.key.id);
  expect(await statusOf(revokedSince.token)).toBe(401);

  expect(await run('restore.sh')).toMatchObject({
    code: 1,
    output: expect.stringContaining('already contains keys'),
  });
});
