import { type DynamicModule, Module } from '@nestjs/common';
import { Registry } from 'prom-client';
import { KeyGuardModule, type KeyGuardOptions } from '#libs/key-guard';
import { IdentitySigner } from '#libs/signed-identity';
import { Tracing } from '#libs/tracing';
import { ChatController } from './desktops/chat.controller.js';
import { ControlController } from './desktops/control.controller.js';
import { DesktopsController } from './desktops/desktops.controller.js';
import { provideForwarder } from './forwarding/forwarder.js';
import { IdentityHeaders } from './forwarding/identity-headers.js';
import { UPSTREAM_NAMES } from './forwarding/upstream-error.js';
import { type UpstreamOptions, Upstreams } from './forwarding/upstreams.js';
import { GatewayMetrics } from './gateway-metrics.js';
import { KbController } from './kb/kb.controller.js';
import { RecordUnroutedRequests } from './record-unrouted-requests.js';
import { MeController } from './me/me.controller.js';
import { ApiDocument } from './openapi/api-document.js';
import { DocsController } from './openapi/docs.controller.js';
import { SchedulesController } from './schedules/schedules.controller.js';

/** What the gateway needs. The caller creates it. */
export interface GatewayModuleOptions {
  readonly metrics: Registry;
  readonly signer: IdentitySigner;
  readonly guard: KeyGuardOptions;
  readonly upstreams: UpstreamOptions;
  readonly tracing?: Tracing | undefined;
}

/** The gateway: the guard, the routes behind it, and the services behind those. */
@Module({})
export class GatewayAppModule {
  static register({ metrics, signer, guard, upstreams, tracing }: GatewayModuleOptions): DynamicModule {
    return {
      module: GatewayAppModule,
      imports: [KeyGuardModule.register(guard)],
      controllers: [
        MeController,
        DesktopsController,
        ControlController,
        ChatController,
        SchedulesController,
        KbController,
        DocsController,
      ],
      providers: [
        ...UPSTREAM_NAMES.map(provideForwarder),
        IdentityHeaders,
        { provide: IdentitySigner, useValue: signer },
        { provide: Upstreams, useFactory: () => new Upstreams(upstreams) },
        ApiDocument,
        GatewayMetrics,
        RecordUnroutedRequests,
        { provide: Registry, useValue: metrics },
        { provide: Tracing, useValue: tracing },
      ],
    };
  }
}
