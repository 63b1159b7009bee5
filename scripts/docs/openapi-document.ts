import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Registry } from 'prom-client';
import { LE_BUREAU } from '#libs/catalogue';
import { IdentitySigner } from '#libs/signed-identity/signing';
import { GatewayAppModule } from '../../apps/gateway/src/gateway.app.module.js';
import { describeApi } from '../../apps/gateway/src/openapi/describe-api.js';

/** openapi.json as generated from the code. The application is not started, so it needs no servers. */
export async function openApiDocument(): Promise<string> {
  const module = GatewayAppModule.register({
    catalogue: LE_BUREAU,
    metrics: new Registry(),
    signer: await IdentitySigner.from(['']),
    guard: {
      keysUrl: 'tcp://127.0.0.1:9',
      verifyToken: 'x'.repeat(32),
      tagSecrets: ['x'.repeat(32)],
      revocations: 'none',
      rateLimits: 'none',
    },
    upstreams: {
      urls: new Map(),
      connectMs: 1,
      answerMs: 1,
      workMs: 1,
      silenceMs: 1,
      connections: 1,
    },
  });
  const app = await NestFactory.create(module, new FastifyAdapter(), {
    logger: false,
    abortOnError: false, // a mistake is thrown, instead of ending the process without a word
  });
  const text = JSON.stringify(describeApi(app), undefined, 2);
  await app.close();
  return `${text}\n`;
}
