import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import type { AudienceName } from '../contract.js';
import { IdentityVerifier, type PublicKeys } from '../identity-verifier.js';
import { IdentityGuard } from './identity.guard.js';

export type SignedIdentityOptions = PublicKeys & {
  /** The group that this service belongs to: identities for other groups are refused. */
  readonly audience: AudienceName;
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly now?: () => number;
};

/** Makes every route of a Nest application, on Express or Fastify, refuse requests that do not come from the gateway. */
@Module({})
export class SignedIdentityModule {
  static register(options: SignedIdentityOptions): DynamicModule {
    const verifier = new IdentityVerifier(options, options.now);
    return {
      module: SignedIdentityModule,
      providers: [
        {
          provide: APP_GUARD,
          inject: [Reflector],
          useFactory: (reflector: Reflector) => new IdentityGuard(reflector, verifier, options.audience),
        },
      ],
    };
  }
}
