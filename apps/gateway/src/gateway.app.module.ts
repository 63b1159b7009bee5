import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { Registry } from 'prom-client';
import { Catalogue } from '#libs/catalogue';
import { KeyGuardModule, type KeyGuardOptions } from '#libs/key-guard';
import { IdentitySigner } from '#libs/signed-identity/signing';
import { Tracing } from '#libs/tracing';
import { CredentialsController } from './exposure/credentials.controller.js';
import { provideReports } from './exposure/provide-reports.js';
import { provideForwarder } from './forwarding/forwarder.js';
import { IdentityHeaders } from './forwarding/identity-headers.js';
import { provideForwardAuth } from './forward-auth/forward-auth.js';
import { type UpstreamOptions, Upstreams } from './forwarding/upstreams.js';
import { GatewayMetrics } from './gateway-metrics.js';
import { RecordUnroutedRequests } from './record-unrouted-requests.js';
import { AllowedOrigins } from './mcp/allowed-origins.js';
import { InnerRequests, wholeOf } from './mcp/inner-requests.js';
import { McpController } from './mcp/mcp.controller.js';
import { McpServer } from './mcp/mcp-server.js';
import { MeController } from './me/me.controller.js';
import { NameKeyTests } from './me/name-key-tests.js';
import { ApiDocument } from './openapi/api-document.js';
import { DocsController } from './openapi/docs.controller.js';
import { type SecretScanning, provideSecretScanning } from './secret-scanning/provide-secret-scanning.js';
import { UPSTREAM_ROUTES, upstreamsOf } from './upstream-routes.js';

/** What the gateway needs. The caller creates it. */
export interface GatewayModuleOptions {
  /** Decides which routes there are, and what the API's documentation says. */
  readonly catalogue: Catalogue;
  readonly metrics: Registry;
  readonly signer: IdentitySigner;
  readonly guard: KeyGuardOptions;
  readonly upstreams: UpstreamOptions;
  /** The audiences of forward auth; undefined: no forward auth. */
  readonly forwardAuthAudiences?: readonly [string, ...string[]] | undefined;
  /** Which scanners may report exposed keys; undefined: none. */
  readonly secretScanning?: SecretScanning | undefined;
  /** Pages whose scripts may call the API. */
  readonly corsOrigins?: readonly string[] | undefined;
  readonly tracing?: Tracing | undefined;
}

/** The gateway: the guard, the routes behind it, and the services behind those. */
@Module({})
export class GatewayAppModule {
  static register(options: GatewayModuleOptions): DynamicModule {
    const {
      catalogue,
      metrics,
      signer,
      guard,
      upstreams,
      forwardAuthAudiences,
      secretScanning,
      corsOrigins = [],
      tracing,
    } = options;
    const scanning = provideSecretScanning(secretScanning);
    const names = upstreamsOf(catalogue);
    return {
      module: GatewayAppModule,
      imports: [KeyGuardModule.forRoot({ realm: catalogue.realm, ...guard, partOf: wholeOf })],
      controllers: [
        MeController,
        ...names.flatMap((name): readonly Type[] => UPSTREAM_ROUTES[name]),
        McpController,
        CredentialsController,
        ...scanning.routes.map(({ controller }) => controller),
        DocsController,
      ],
      providers: [
        ...names.map(provideForwarder),
        ...(forwardAuthAudiences === undefined ? [] : [provideForwardAuth(forwardAuthAudiences)]),
        IdentityHeaders,
        { provide: IdentitySigner, useValue: signer },
        { provide: Upstreams, useFactory: () => new Upstreams(upstreams) },
        { provide: Catalogue, useValue: catalogue },
        ...provideReports(scanning.routes),
        ...scanning.providers,
        ApiDocument,
        GatewayMetrics,
        RecordUnroutedRequests,
        NameKeyTests,
        { provide: AllowedOrigins, useValue: new AllowedOrigins(corsOrigins) },
        InnerRequests,
        McpServer,
        { provide: Registry, useValue: metrics },
        { provide: Tracing, useValue: tracing },
      ],
    };
  }
}
