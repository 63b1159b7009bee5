import { type DynamicModule, Module } from '@nestjs/common';
import { Registry } from 'prom-client';
import { KeyGuardModule, type KeyGuardOptions } from '#libs/key-guard';
import { IdentitySigner } from '#libs/signed-identity';
import { IdentityHeaders } from './forwarding/identity-headers.js';
import { GatewayMetrics } from './gateway-metrics.js';
import { MeController } from './me/me.controller.js';

/** The gateway: the guard, and the routes behind it. */
@Module({})
export class GatewayAppModule {
  static guardedBy(metrics: Registry, signer: IdentitySigner, options: KeyGuardOptions): DynamicModule {
    return {
      module: GatewayAppModule,
      imports: [KeyGuardModule.register(options)],
      controllers: [MeController],
      providers: [
        GatewayMetrics,
        IdentityHeaders,
        { provide: Registry, useValue: metrics },
        { provide: IdentitySigner, useValue: signer },
      ],
    };
  }
}
