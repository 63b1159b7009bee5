import { ConfigurableModuleBuilder, type DynamicModule, Logger, Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { GuardStats, KeyVerifier, UnroutedRequests, checkOptions } from '#libs/key-verifier';
import { VerifyClient } from '#libs/keys-client';
import { CarriedRequests } from './carried-requests.js';
import { DeclaredRoutes } from './declaration/declared-routes.js';
import { GuardLifecycle } from './guard-lifecycle.js';
import { KeyGuard } from './key.guard.js';
import {
  KEY_GUARD_EXTRAS,
  KEY_GUARD_OPTIONS,
  type KeyGuardExtras,
  type KeyGuardOptions,
  keyGuardOptions,
} from './options.js';

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<KeyGuardOptions>({
  optionsInjectionToken: KEY_GUARD_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setExtras<Partial<KeyGuardExtras>>({ global: true, declare: [] }, guardedModule)
  .build();

/**
 * Guards every route of a Nest application, on Express or Fastify, with API keys: `forRoot(options)`, or
 * `forRootAsync({ imports, inject, useFactory })`. A route declares who may call it with `@Capabilities(...)`,
 * `@AnyValidKey()` or `@Public()`; one without a declaration stops the start.
 */
@Module({})
export class KeyGuardModule extends ConfigurableModuleClass {}

/** What belongs to a guard, besides its options. `definition` may replace its verifier. */
export function guardedModule(
  definition: DynamicModule,
  { global: isGlobal = true, declare = [] }: Partial<KeyGuardExtras>,
): DynamicModule {
  const extras: KeyGuardExtras = { global: isGlobal, declare };
  return {
    ...definition,
    // What @UseGuards(KeyGuard) needs is there in every module.
    global: true,
    imports: [...(definition.imports ?? []), DiscoveryModule],
    providers: [
      { provide: KeyVerifier, inject: [KEY_GUARD_OPTIONS], useFactory: openVerifier },
      ...(definition.providers ?? []),
      { provide: KEY_GUARD_EXTRAS, useValue: extras },
      ...(isGlobal ? [{ provide: APP_GUARD, useExisting: KeyGuard }] : []),
      GuardLifecycle,
      KeyGuard,
      CarriedRequests,
      DeclaredRoutes,
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
    exports: [
      KeyGuard,
      KeyVerifier,
      KEY_GUARD_OPTIONS,
      CarriedRequests,
      DeclaredRoutes,
      VerifyClient,
      GuardStats,
      UnroutedRequests,
    ],
  };
}

/** Throws an error that names each mistake in the options. */
function openVerifier(options: KeyGuardOptions): Promise<KeyVerifier> {
  checkOptions(keyGuardOptions, options);
  return KeyVerifier.open(options, new Logger(KeyGuard.name));
}
