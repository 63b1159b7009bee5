import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { KeyVerifier } from '#libs/key-verifier';
import { mistakesIn } from './declaration/check-declarations.js';
import { DeclaredRoutes } from './declaration/declared-routes.js';
import { KeyGuard } from './key.guard.js';
import { KEY_GUARD_EXTRAS, KEY_GUARD_OPTIONS, type KeyGuardExtras, type KeyGuardOptions } from './options.js';

/** Starts and stops the engine with the application, after checking that every handler is guarded as it declares. */
@Injectable()
export class GuardLifecycle
  implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  constructor(
    private readonly verifier: KeyVerifier,
    private readonly routes: DeclaredRoutes,
    private readonly config: ApplicationConfig,
    @Inject(KEY_GUARD_EXTRAS) private readonly extras: KeyGuardExtras,
    @Inject(KEY_GUARD_OPTIONS) private readonly options: Pick<KeyGuardOptions, 'requestOf'>,
  ) {}

  /** Throws an error that names each handler that is not, or cannot be, guarded as it declares. */
  onModuleInit(): void {
    const handlers = this.routes.handlers();
    const requestScoped = this.config.getGlobalRequestGuards().map(({ metatype }) => metatype);
    const mistakes = [
      ...mistakesIn(handlers, {
        keyGuard: KeyGuard,
        isGlobal: this.extras.global,
        globalGuards: [...this.config.getGlobalGuards(), ...requestScoped],
        findsRequests: this.options.requestOf !== undefined,
      }),
      ...this.extras.declare
        .filter(([declared]) => !handlers.some(({ controller }) => controller === declared))
        .map(([{ name }]) => `The option declare names ${name}, which has no routes in this application.`),
    ];
    if (mistakes.length > 0) throw new Error(mistakes.join('\n'));
  }

  onApplicationBootstrap(): void {
    for (const { name, declaration } of this.routes.guarded()) this.verifier.setup.declare(name, declaration);
    this.verifier.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.verifier.leave();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.verifier.stop();
  }
}
