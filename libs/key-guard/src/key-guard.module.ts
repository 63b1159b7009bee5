import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { VerifyClient } from '#libs/keys-client';
import { DeclaredRoutes } from './declared-routes.js';
import { GuardFigures } from './guard-figures.js';
import { GuardParts } from './guard-parts.js';
import { KeyGuard } from './key.guard.js';
import type { KeyGuardOptions } from './options.js';
import { UnroutedRequests } from './unrouted-requests.js';

/**
 * Guards every route of a Nest application, on Express or Fastify, with API keys. A route says who may call it by
 * `@Capabilities(...)`, `@AnyValidKey()` or `@Public()`; one that does not stops the start.
 */
@Module({})
export class KeyGuardModule
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  constructor(private readonly parts: GuardParts) {}

  static register(options: KeyGuardOptions): DynamicModule {
    return {
      module: KeyGuardModule,
      imports: [DiscoveryModule],
      providers: [
        DeclaredRoutes,
        { provide: APP_GUARD, useClass: KeyGuard },
        { provide: GuardParts, useFactory: () => GuardParts.open(options) },
        { provide: VerifyClient, inject: [GuardParts], useFactory: ({ client }: GuardParts) => client },
        { provide: GuardFigures, inject: [GuardParts], useFactory: ({ figures }: GuardParts) => figures },
        {
          provide: UnroutedRequests,
          inject: [GuardParts],
          useFactory: ({ unrouted }: GuardParts) => unrouted,
        },
      ],
      exports: [DeclaredRoutes, VerifyClient, GuardFigures, UnroutedRequests],
    };
  }

  onApplicationBootstrap(): void {
    this.parts.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.parts.leave();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.parts.stop();
  }
}
