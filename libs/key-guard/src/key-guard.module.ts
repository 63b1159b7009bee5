import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { VerifyClient } from '#libs/keys-client';
import { DeclaredRoutes } from './declaration/declared-routes.js';
import { GuardStats } from './guard-stats.js';
import { KeyGuardRuntime } from './key-guard-runtime.js';
import { KeyGuard } from './key.guard.js';
import type { KeyGuardOptions } from './options.js';
import { UnroutedRequests } from './admission/unrouted-requests.js';

/**
 * Guards every route of a Nest application, on Express or Fastify, with API keys. A route declares who may call it with
 * `@Capabilities(...)`, `@AnyValidKey()` or `@Public()`; one without a declaration stops the start.
 */
@Module({})
export class KeyGuardModule
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  constructor(private readonly runtime: KeyGuardRuntime) {}

  static register(options: KeyGuardOptions): DynamicModule {
    return {
      module: KeyGuardModule,
      imports: [DiscoveryModule],
      providers: [
        DeclaredRoutes,
        { provide: APP_GUARD, useClass: KeyGuard },
        { provide: KeyGuardRuntime, useFactory: () => KeyGuardRuntime.open(options) },
        {
          provide: VerifyClient,
          inject: [KeyGuardRuntime],
          useFactory: ({ client }: KeyGuardRuntime) => client,
        },
        {
          provide: GuardStats,
          inject: [KeyGuardRuntime],
          useFactory: ({ stats }: KeyGuardRuntime) => stats,
        },
        {
          provide: UnroutedRequests,
          inject: [KeyGuardRuntime],
          useFactory: ({ unrouted }: KeyGuardRuntime) => unrouted,
        },
      ],
      exports: [DeclaredRoutes, VerifyClient, GuardStats, UnroutedRequests],
    };
  }

  onApplicationBootstrap(): void {
    this.runtime.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.runtime.leave();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.runtime.stop();
  }
}
