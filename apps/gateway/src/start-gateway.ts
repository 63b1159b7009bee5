import type { INestApplication } from '@nestjs/common';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import type { Catalogue } from '#libs/catalogue';
import { type KeyGuardOptions, KeyVerifier, type RevocationSource } from '#libs/key-guard';
import { type HttpService, Readiness, readBody, showCertificates, startHttpService } from '#libs/service';
import { SettingsError } from '#libs/settings';
import { IdentitySigner } from '#libs/signed-identity/signing';
import { openTracing } from '#libs/tracing';
import { FROM_PAGES, TO_PAGES } from './forwarding/passed-headers.js';
import { brokenBodyAsProblem } from './forwarding/upstream-problems.js';
import { BODY_LIMIT } from './fields/text-body.js';
import { ForwardAuth } from './forward-auth/forward-auth.js';
import { serveForwardAuth } from './forward-auth/serve-forward-auth.js';
import { MCP_HEADERS } from './mcp/mcp-server.js';
import { ApiDocument } from './openapi/api-document.js';
import type { UpstreamOptions } from './forwarding/upstreams.js';
import { GatewayAppModule } from './gateway.app.module.js';
import { type GatewaySettings, upstreamSetting } from './gateway-settings.js';
import { PlainHttp } from './plain-http/plain-http.js';
import { secretScanningIn } from './secret-scanning/secret-scanning-in.js';
import { UPSTREAM_NAMES, isUpstreamName, upstreamsOf } from './upstream-routes.js';

/** Starts the gateway. It also starts while keys or Redis are unavailable: it is live then, but not ready. */
export async function startGateway(
  settings: GatewaySettings,
  log: Logger,
  revocations: RevocationSource,
): Promise<HttpService> {
  const metrics = new Registry();
  const { KEYS_TLS_CA, REDIS_TLS_CA, FORWARD_AUTH_AUDIENCES } = settings;
  if (FORWARD_AUTH_AUDIENCES !== undefined && settings.GATEWAY_INTERNAL_PORT === undefined)
    throw new SettingsError(['GATEWAY_INTERNAL_PORT is missing: FORWARD_AUTH_AUDIENCES needs it.']);
  if (settings.REFUSE_PLAIN_HTTP === 'on' && settings.TRUSTED_PROXIES === undefined)
    throw new SettingsError(['TRUSTED_PROXIES is missing: REFUSE_PLAIN_HTTP needs it.']);
  showCertificates(metrics, { KEYS_TLS_CA, REDIS_TLS_CA });
  const signer = await IdentitySigner.from(settings.IDENTITY_SECRET);
  const tracing = await openTracing(settings, { service: 'gateway', callers: 'anybody', log });
  const guard: KeyGuardOptions = {
    keysUrl: settings.KEYS_VERIFY_URL,
    verifyToken: settings.KEYS_VERIFY_TOKEN[0],
    ca: settings.KEYS_TLS_CA,
    tagSecrets: settings.KEY_TAG_SECRET,
    keyPrefix: settings.KEY_PREFIX,
    cacheSize: settings.PRINCIPAL_CACHE_SIZE,
    lastUsedEverySeconds: settings.LAST_USED_EVERY_SECONDS,
    revocations,
    tracing,
    readBody,
    rateLimits: {
      perMinute: settings.RATE_LIMIT_PER_MINUTE,
      ownerPerMinute: settings.OWNER_RATE_LIMIT_PER_MINUTE,
      concurrent: settings.CONCURRENT_REQUESTS_PER_KEY,
      concurrentPerOwner: settings.CONCURRENT_REQUESTS_PER_OWNER,
      failedAuthenticationsPerMinute: settings.FAILED_AUTHENTICATIONS_PER_MINUTE,
    },
  };
  warnOfUnknownUpstreams(settings.CATALOGUE, log);
  const module = GatewayAppModule.register({
    catalogue: settings.CATALOGUE,
    metrics,
    signer,
    guard,
    upstreams: upstreamsIn(settings),
    forwardAuthAudiences: FORWARD_AUTH_AUDIENCES,
    secretScanning: secretScanningIn(settings),
    corsOrigins: settings.CORS_ORIGINS,
    tracing,
  });
  const { TRUSTED_PROXIES: trustedProxies = [], REFUSE_PLAIN_HTTP: refusesPlainHttp } = settings;
  return startHttpService(module, {
    log,
    host: settings.GATEWAY_HOST,
    port: settings.GATEWAY_PORT,
    portSettings: {
      GATEWAY_PORT: settings.GATEWAY_PORT,
      GATEWAY_INTERNAL_PORT: settings.GATEWAY_INTERNAL_PORT,
    },
    internal: {
      host: settings.GATEWAY_INTERNAL_HOST,
      port: settings.GATEWAY_INTERNAL_PORT,
      metrics,
      documents: { '/.well-known/jwks.json': () => signer.jwks() },
      ...(FORWARD_AUTH_AUDIENCES !== undefined && {
        maxConnections: settings.GATEWAY_CONNECTIONS,
        routes: (server, app) =>
          serveForwardAuth(
            server,
            app.get(ForwardAuth),
            refusesPlainHttp === 'on' ? new PlainHttp(app, trustedProxies) : undefined,
          ),
      }),
    },
    bodyLimit: BODY_LIMIT,
    maxConnections: settings.GATEWAY_CONNECTIONS,
    timeouts: {
      headersMs: settings.CLIENT_HEADERS_SECONDS * 1000,
      bodyMs: settings.CLIENT_BODY_SECONDS * 1000,
      unreadMs: settings.CLIENT_READ_SECONDS * 1000,
      idleMs: settings.CLIENT_IDLE_SECONDS * 1000,
    },
    stopping: { drainSeconds: settings.DRAIN_SECONDS },
    trustedProxies,
    translate: brokenBodyAsProblem,
    tracing,
    beforeListen: (app) => {
      enableCors(app, settings.CORS_ORIGINS);
      if (refusesPlainHttp === 'on') new PlainHttp(app, trustedProxies).watch(app);
      app.get(ApiDocument).describe(app);
      return Promise.resolve();
    },
    readiness: (app) => {
      const { client, setup } = app.get(KeyVerifier, { strict: false });
      return new Readiness(async () => ((await client.isReady()) ? undefined : 'the keys service'), {
        warnings: () =>
          setup.mistakes
            .filter(({ concerns }) => concerns === 'capabilities')
            .map(({ sentence }) => sentence),
      });
    },
  });
}

/** Allows scripts of the listed origins, and of no others, to call the API and read its responses. */
function enableCors(app: INestApplication, origins: readonly string[] = []): void {
  if (origins.length === 0) return;
  app.enableCors({
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PATCH'],
    allowedHeaders: ['authorization', 'content-type', 'x-request-id', ...FROM_PAGES, ...MCP_HEADERS],
    exposedHeaders: [
      'ratelimit',
      'ratelimit-policy',
      'www-authenticate',
      'x-accepted-capabilities',
      'x-request-id',
      ...TO_PAGES,
    ],
    maxAge: 600,
    strictPreflight: false,
  });
}

/** A service that only a newer gateway knows must not keep this one from starting. */
function warnOfUnknownUpstreams({ groups }: Catalogue, log: Logger): void {
  for (const { name, upstream } of groups)
    if (upstream !== undefined && !isUpstreamName(upstream))
      log.warn(
        `The catalogue's group ${name} has the upstream ${upstream}, for which this gateway has no routes. It has them for ${UPSTREAM_NAMES.join(', ')}.`,
      );
}

function upstreamsIn(settings: GatewaySettings): UpstreamOptions {
  return {
    urls: new Map(upstreamsOf(settings.CATALOGUE).map((name) => [name, settings[upstreamSetting(name)]])),
    connectMs: settings.UPSTREAM_CONNECT_SECONDS * 1000,
    answerMs: settings.UPSTREAM_ANSWER_SECONDS * 1000,
    workMs: settings.UPSTREAM_WORK_SECONDS * 1000,
    silenceMs: settings.UPSTREAM_SILENCE_SECONDS * 1000,
    connections: settings.UPSTREAM_CONNECTIONS,
  };
}
