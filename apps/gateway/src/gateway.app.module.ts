import { type DynamicModule, Module } from '@nestjs/common';
import { KeyGuardModule, type KeyGuardOptions } from '#libs/key-guard';
import { MeController } from './me/me.controller.js';

/** The gateway: the guard, and the routes behind it. */
@Module({})
export class GatewayAppModule {
  static guardedBy(options: KeyGuardOptions): DynamicModule {
    return {
      module: GatewayAppModule,
      imports: [KeyGuardModule.register(options)],
      controllers: [MeController],
    };
  }
}
