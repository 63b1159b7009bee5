import type { Socket } from 'node:net';
import type { DynamicModule, INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { validated } from '#libs/fields';
import type { ProblemException } from '#libs/problems';
import type { Tracing } from '#libs/tracing';
import { collectAllowedMethods, refuseOtherMethods } from './allowed-methods.js';
import { readBodiesLast } from './bodies.js';
import { Connections, DEFAULT_TIMEOUTS, type Timeouts, nodeTimeouts, serverTimeouts } from './connections.js';
import { serveHealth } from './health.js';
import { type InternalServer, type InternalServerOptions, startInternalServer } from './internal-server.js';
import { keepListening } from './keep-listening.js';
import { shownHost } from './hosts.js';
import { asStartError } from './listen-error.js';
import { HttpMetrics } from './metrics/http-metrics.js';
import { NestLog } from './nest-log.js';
import { ProblemFilter } from './problem.filter.js';
import type { Readiness } from './readiness.js';
import { logRequests, requestId } from './request-log.js';
import type { Stoppable } from './start.js';
import { traceRequests } from './trace-requests.js';
import { Stopping, type StoppingOptions } from './stopping.js';
import { refuseUnclearRequests } from './unclear-requests.js';
import { respondToParseError } from './parse-errors.js';

export interface HttpServiceOptions {
  readonly log: Logger;
  readonly host: string;
  readonly port: number;
  /** Every port of the service, by the name of its setting, so that an error can name the setting. */
  readonly portSettings: Readonly<Record<string, number | undefined>>;
  /** The maximum body size of a route without `@BodyLimit()`, in bytes. */
  readonly bodyLimit: number;
  /** The maximum number of connections. Default: 1,024. */
  readonly maxConnections?: number;
  /** How long clients may take. */
  readonly timeouts?: Partial<Timeouts>;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Addresses and networks of proxies. Only their `X-Forwarded-For` is trusted. */
  readonly trustedProxies?: readonly string[];
  /** What `/readyz` reports. */
  readonly readiness: (app: INestApplication) => Readiness;
  /** Turns errors of the service's dependencies when they are unavailable into problems. */
  readonly translate?: (exception: unknown) => ProblemException | undefined;
  /** Metrics for operators, on a separate port. Without a port, there are none. */
  readonly internal: Omit<InternalServerOptions, 'port' | 'routes' | 'trustedProxies'> & {
    readonly port: number | undefined;
    /** Adds routes to it, which are logged, measured and traced like those of the application. */
    readonly routes?: ((server: FastifyInstance, app: INestApplication) => void) | undefined;
  };
  /** Traces requests; it is stopped with the service. */
  readonly tracing?: Tracing | undefined;
  readonly stopping: StoppingOptions;
  /** Called before it listens, for example to start a second server. */
  readonly beforeListen?: (app: NestFastifyApplication) => Promise<void>;
}

/** A running HTTP service. */
export interface HttpService extends Stoppable {
  readonly app: INestApplication;
  /** Its URL: `http://localhost:3000`. */
  readonly url: string;
}

/**
 * Starts a Nest application the way every service of this product runs: on Fastify, with request ids, one log line per
 * request, problem details, validated bodies, `/healthz` and `/readyz`.
 */
export async function startHttpService(
  module: DynamicModule | Type,
  options: HttpServiceOptions,
): Promise<HttpService> {
  const { log, host, port, bodyLimit, maxConnections = 1024, tls, tracing } = options;
  const problems = new ProblemFilter(options.translate);
  const metrics = new HttpMetrics(options.internal.metrics);
  const connections = new Connections();
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const adapter = createAdapter(options, { problems, metrics, connections, timeouts });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLog(log),
    abortOnError: false,
    bodyParser: false, // see readBodiesLast
  });
  const stopping = new Stopping(app, log, options.stopping);
  let internal: InternalServer | undefined;
  try {
    const fastify: FastifyInstance = adapter.getInstance();
    keepListening(fastify.server, log);
    // Together with the public port, so that nothing is asked of an application that has stopped.
    fastify.addHook('preClose', (done) => {
      internal?.leave();
      done();
    });
    metrics.watch(fastify);
    if (tracing !== undefined) traceRequests(fastify, tracing);
    connections.watch(app, maxConnections);
    const methods = collectAllowedMethods(app);
    readBodiesLast(app, { limit: bodyLimit, timeoutMs: timeouts.bodyMs });
    app.useGlobalFilters(problems);
    app.useGlobalPipes(validated());
    logRequests(fastify, log);
    refuseUnclearRequests(app);
    serveHealth(app, options.readiness(app), stopping);
    await options.beforeListen?.(app);
    await app.init();
    refuseOtherMethods(app, methods);
    const { port: internalPort, routes } = options.internal;
    if (internalPort !== undefined)
      internal = await startInternalServer({
        ...options.internal,
        port: internalPort,
        trustedProxies: options.trustedProxies ?? [],
        routes:
          routes &&
          ((server) => {
            metrics.watch(server);
            if (tracing !== undefined) traceRequests(server, tracing);
            logRequests(server, log);
            stopping.askToReconnect(server);
            server.setErrorHandler((err, req, res) => problems.answer(err, req, res));
            routes(server, app);
          }),
        log,
      });
    await app.listen(port, host);
  } catch (err) {
    await internal?.stop();
    await app.close();
    await tracing?.stop();
    throw asStartError(err, options);
  }
  return {
    app,
    url: `${tls === undefined ? 'http' : 'https'}://${shownHost(host)}:${portOf(app, port)}`,
    stop: async () => {
      await stopping.run();
      await internal?.stop();
      await tracing?.stop();
    },
  };
}

function createAdapter(
  { log, tls, trustedProxies = [] }: HttpServiceOptions,
  {
    problems,
    metrics,
    connections,
    timeouts,
  }: { problems: ProblemFilter; metrics: HttpMetrics; connections: Connections; timeouts: Timeouts },
): FastifyAdapter {
  // Several or missing Host headers are refused by refuseUnclearRequests, with a problem as the response.
  const http = { ...nodeTimeouts(timeouts), requireHostHeader: false };
  return new FastifyAdapter({
    ...serverTimeouts(timeouts),
    // Requests on connections that were accepted before the service stopped are served.
    return503OnClosing: false,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    routerOptions: { maxParamLength: 512 },
    genReqId: requestId,
    frameworkErrors: (err: Error, req: FastifyRequest, res: FastifyReply) => problems.answer(err, req, res),
    clientErrorHandler: (err: Error, socket: Socket) => {
      if (connections.isBeingAnswered(socket)) socket.destroy();
      else respondToParseError(err, socket, log, metrics);
    },
    ...(tls === undefined ? { http } : { https: { ...tls, ...http, handshakeTimeout: timeouts.headersMs } }),
  });
}

/** The port it listens on, even if the system has assigned it. */
function portOf(app: NestFastifyApplication, port: number): number {
  const address = app.getHttpAdapter().getInstance().server.address();
  return address === null || typeof address === 'string' ? port : address.port;
}
