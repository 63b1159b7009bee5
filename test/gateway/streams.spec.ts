import 'reflect-metadata';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, type INestApplication, Module, StreamableFile } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AnyValidKey, KeyGuardModule } from '#libs/key-guard';
import { DEFAULT_TIMINGS } from '#libs/revocations';
import { Stack, TEST_SECRETS, noteIssued } from '#libs/testing';

/** A lease's duration after the key was last found active, plus the next check, which takes a second at most. */
const LONGEST_AFTER_REVOKE_MS = DEFAULT_TIMINGS.leaseMs + 1000;
/** Without the lease rule, it would take seven seconds more. The fastest of several counts: the machine may be busy. */
const SLOW_MACHINE_MS = 2000;

/** Sends "tick" ten times a second, until the client disconnects. */
async function* ticks(): AsyncGenerator<string> {
  for (;;) {
    yield 'tick\n';
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

@Controller()
@AnyValidKey()
class TicksController {
  @Get('ticks')
  ticks(): StreamableFile {
    return new StreamableFile(Readable.from(ticks()));
  }
}

describe.each([
  ['Fastify', () => new FastifyAdapter()],
  ['Express', () => new ExpressAdapter()],
])('a response that is still being streamed, on %s', (_, adapter) => {
  let stack: Stack;
  let app: INestApplication;
  beforeAll(async () => {
    stack = await Stack.start();
    const guard = KeyGuardModule.forRoot({
      keysUrl: `tcp://127.0.0.1:${stack.keys[0]?.verifyPort ?? 0}`,
      verifyToken: TEST_SECRETS.KEYS_VERIFY_TOKEN,
      tagSecrets: [TEST_SECRETS.KEY_TAG_SECRET],
      revocations: { redisUrl: stack.network.gatewaysToRedis.redisUrl },
    });
    @Module({ imports: [guard], controllers: [TicksController] })
    class App {}
    app = await NestFactory.create(App, adapter(), { logger: false });
    await app.listen(0, '127.0.0.1');
  });
  afterAll(async () => {
    await app.close();
    await stack.stop();
  });

  /** Opens a stream, and returns a function that reads on: true for each tick, false once it was cut off. */
  async function listen(token: string): Promise<() => Promise<boolean>> {
    const response = await fetch(`${await app.getUrl()}/ticks`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.status).toBe(200);
    const reader = response.body?.getReader();
    return () =>
      reader === undefined
        ? Promise.reject(new Error('no stream'))
        : reader.read().then(
            ({ done }) => !done,
            () => false,
          );
  }

  async function untilCutOff(next: () => Promise<boolean>): Promise<void> {
    while (await next());
  }

  it('is cut off when its key is revoked, and no other is', async () => {
    const [doomed, other] = [await stack.issue(), await stack.issue()];
    const [next, nextOfOther] = [await listen(doomed.token), await listen(other.token)];
    expect(await next()).toBe(true);
    await stack.manage.revoke(doomed.key.id);
    await untilCutOff(next);
    expect(await nextOfOther()).toBe(true);
    expect(await nextOfOther()).toBe(true);
    await stack.manage.revoke(other.key.id);
    await untilCutOff(nextOfOther);
  });

  it('is cut off when its owner is suspended', async () => {
    const { token } = await stack.issue('grace');
    const next = await listen(token);
    await stack.manage.suspendOwner('grace');
    await untilCutOff(next);
    await stack.manage.resumeOwner('grace');
  });

  it('continues when its owner changes', async () => {
    const { token, key } = await stack.issue('linus');
    const next = await listen(token);
    await stack.manage.putOwner('linus', { email: 'linus@example.com', role: 'admin' });
    for (let i = 0; i < 5; i++) expect(await next()).toBe(true);
    await stack.manage.revoke(key.id);
    await untilCutOff(next);
  });

  it('is cut off soon after the revocation has returned, even while Redis is down', async () => {
    const cutOffAfterMs = async (): Promise<number> => {
      const { token, key } = await stack.issue();
      const next = await listen(token);
      stack.network.gatewaysToRedis.cut();
      await stack.manage.revoke(key.id);
      const returnedAt = performance.now();
      await untilCutOff(next);
      const afterMs = performance.now() - returnedAt;
      stack.network.gatewaysToRedis.mend();
      return afterMs;
    };
    while ((await cutOffAfterMs()) > LONGEST_AFTER_REVOKE_MS + SLOW_MACHINE_MS);
  });

  it('is cut off when its key expires', async () => {
    const expiresAt = new Date(Date.now() + 5000).toISOString();
    const { token } = await stack.manage.issue('ada', {
      name: 'short',
      capabilities: ['kb:read'],
      expiresAt,
    });
    noteIssued(token);
    await untilCutOff(await listen(token));
  });
});
