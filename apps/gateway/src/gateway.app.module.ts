import { type DynamicModule, Module } from '@nestjs/common';
import { Registry } from 'prom-client';
import { KeyGuardModule, type KeyGuardOptions } from '#libs/key-guard';
import { GatewayMetrics } from './gateway-metrics.js';
import { MeController } from './me/me.controller.js';

/** The gateway: the guard, and the routes behind it. */
@Module({})
export class GatewayAppModule {
  static guardedBy(metrics: Registry, options: KeyGuardOptions): DynamicModule {
    return {
      module: GatewayAppModule,
      imports: [KeyGuardModule.register(options)],
      controllers: [MeController],
      providers: [GatewayMetrics, { provide: Registry, useValue: metrics }],
    };
  }
}
