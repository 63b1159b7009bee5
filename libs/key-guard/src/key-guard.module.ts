import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Logger,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { GuardStats, KeyVerifier, UnroutedRequests } from '#libs/key-verifier';
import { VerifyClient } from '#libs/keys-client';
import { DeclaredRoutes } from './declaration/declared-routes.js';
import { KEY_GUARD_OPTIONS, KeyGuard } from './key.guard.js';
import type { KeyGuardOptions } from './options.js';

/**
 * Guards every route of a Nest application, on Express or Fastify, with API keys. A route declares who may call it with
 * `@Capabilities(...)`, `@AnyValidKey()` or `@Public()`; one without a declaration stops the start.
 */
@Module({})
export class KeyGuardModule
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  constructor(private readonly verifier: KeyVerifier) {}

  static register(options: KeyGuardOptions): DynamicModule {
    return {
      module: KeyGuardModule,
      imports: [DiscoveryModule],
      providers: [
        DeclaredRoutes,
        { provide: APP_GUARD, useClass: KeyGuard },
        { provide: KEY_GUARD_OPTIONS, useValue: options },
        { provide: KeyVerifier, useFactory: () => KeyVerifier.open(options, new Logger(KeyGuard.name)) },
        {
          provide: VerifyClient,
          inject: [KeyVerifier],
          useFactory: ({ client }: KeyVerifier) => client,
        },
        {
          provide: GuardStats,
          inject: [KeyVerifier],
          useFactory: ({ stats }: KeyVerifier) => stats,
        },
        {
          provide: UnroutedRequests,
          inject: [KeyVerifier],
          useFactory: ({ unrouted }: KeyVerifier) => unrouted,
        },
      ],
      exports: [DeclaredRoutes, KeyVerifier, VerifyClient, GuardStats, UnroutedRequests],
    };
  }

  onApplicationBootstrap(): void {
    this.verifier.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.verifier.leave();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.verifier.stop();
  }
}
