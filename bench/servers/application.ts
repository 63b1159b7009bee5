import '#libs/event-loop';
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Controller, type DynamicModule, Get, Module, type Provider, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AnyValidKey } from '#libs/key-guard';

/** The response of every case: 217 bytes of JSON, about as many as `GET /v1/me` has. */
const ANSWER = {
  userId: '01940e6c-5c3a-7a9f-8f4e-3a5b9c7d1e2f',
  email: 'ada@example.com',
  role: 'user',
  tier: 'free',
  keyId: '03bXkP2mQ9rT4vW7yZ1aCe',
  capabilities: ['desktop:read', 'desktop:chat', 'schedule:read'],
  workspace: 'ada',
};

@Controller('answer')
export class AnswerController {
  @Get()
  @AnyValidKey()
  answer(): typeof ANSWER {
    return ANSWER;
  }
}

/** How one case differs from another: what precedes the route, and the route. */
export interface Differences {
  readonly imports?: DynamicModule[];
  readonly providers?: Provider[];
  readonly controller?: Type;
  /** Anything else to do before it listens. */
  readonly prepare?: (app: NestFastifyApplication) => Promise<void>;
}

@Module({})
class ApplicationModule {}

/**
 * Runs the same small Nest application for every case, until it is stopped: no log, no filters, nothing that would hide
 * what the guard costs. It prints its URL.
 */
export async function runApplication(differences: Differences = {}): Promise<void> {
  const { imports = [], providers = [], controller = AnswerController } = differences;
  const module: DynamicModule = {
    module: ApplicationModule,
    imports,
    providers,
    controllers: [controller],
  };
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  await differences.prepare?.(app);
  await app.listen(0, '127.0.0.1');
  process.on('SIGUSR2', sayMemory);
  process.stdout.write(`${await app.getUrl()} is ready\n`);
  await once(process, 'SIGTERM');
  process.exit(0);
}

/** On a signal, prints how much of the heap is in use after a garbage collection. */
function sayMemory(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc(); gc();');
  const { heapUsed, external } = process.memoryUsage();
  process.stdout.write(`memory ${heapUsed + external}\n`);
}
