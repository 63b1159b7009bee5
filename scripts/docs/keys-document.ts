import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { InProcessLog } from '#libs/revocations';
import { readSettings } from '#libs/settings';
import { DatabaseLease } from '../../apps/keys/src/database/database-lease.js';
import { KeysAppModule } from '../../apps/keys/src/keys.app.module.js';
import { keysSettings } from '../../apps/keys/src/keys-settings.js';
import { noVerdictStore } from '../../apps/keys/src/secrets/verdict-store.js';
import { describeManagementApi } from './management-api/describe-management-api.js';

/**
 * openapi.keys.json as generated from the code. In Nest's preview mode, controllers are known and nothing is created, so
 * it needs no servers.
 */
export async function keysDocument(): Promise<string> {
  const module = KeysAppModule.register(unusedOptions());
  const app = await NestFactory.create(module, new FastifyAdapter(), { logger: false, preview: true });
  const text = JSON.stringify(describeManagementApi(app), undefined, 2);
  await app.close();
  return `${text}\n`;
}

function unusedOptions(): Parameters<typeof KeysAppModule.register>[0] {
  const secret = 'a-secret-that-nothing-is-protected-by';
  const settings = readSettings(keysSettings, {
    DATABASE_URL: 'postgres://127.0.0.1/keys',
    REDIS_URL: 'redis://127.0.0.1',
    KEYS_MANAGE_TOKEN: secret,
    KEYS_VERIFY_TOKEN: secret,
    KEY_TAG_SECRET: secret,
    VERDICT_SECRET: secret,
  });
  const database = new DataSource({ type: 'postgres' });
  return {
    settings,
    database,
    lease: new DatabaseLease(database, true),
    log: new InProcessLog(),
    verdicts: noVerdictStore,
    metrics: new Registry(),
  };
}
