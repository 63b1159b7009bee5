import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
// In this repository, a library is #libs/key-guard. You install it as @lebureau/key-guard.
import { KeyGuardModule } from '#libs/key-guard';
import { InvoicesController } from './invoices.controller.js';

/** The capabilities of this service, as in catalogue.yaml: a misspelled one does not compile. */
declare module '#libs/key-guard' {
  interface Register {
    capability: 'invoices:read' | 'invoices:write';
  }
}

const { KEYS_VERIFY_URL = '', KEYS_VERIFY_TOKEN = '', KEY_TAG_SECRET = '', PORT = '3021' } = process.env;

@Module({
  imports: [
    KeyGuardModule.forRoot({
      keysUrl: KEYS_VERIFY_URL,
      verifyToken: KEYS_VERIFY_TOKEN,
      tagSecrets: [KEY_TAG_SECRET],
      // npm start has no Redis, so each request is verified at keys. With { redisUrl }, the guard has a cache.
      revocations: 'none',
    }),
  ],
  controllers: [InvoicesController],
})
class InvoicesModule {}

const app = await NestFactory.create(InvoicesModule, { logger: ['error', 'warn'] });
app.enableShutdownHooks();
await app.listen(PORT, '127.0.0.1');
process.stdout.write(`Nest: http://127.0.0.1:${PORT}/invoices\n`);
