import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { DynamicModule, INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { ProblemException, ProblemFilter, validated } from '#libs/problems';
import type { Tracing } from '#libs/tracing';
import { BodyGuard } from './body.guard.js';
import { Connections, DEFAULT_TIMEOUTS, type Timeouts, nodeTimeouts, serverTimeouts } from './connections.js';
import { drainUnreadBodies } from './drain-unread-bodies.js';
import { HttpMetrics } from './http-metrics.js';
import { type InternalServerOptions, startInternalServer } from './internal-server.js';
import { keepListening } from './keep-listening.js';
import { shownHost } from './hosts.js';
import { loggedPath } from './logged-path.js';
import { NestLog } from './nest-log.js';
import { leaveBodiesUnread } from './read-body.js';
import type { Readiness } from './readiness.js';
import { StartError, type Stoppable } from './start.js';
import { traceRequests } from './trace-requests.js';
import { Stopping, type StoppingOptions } from './stopping.js';
import { refuseUnclearRequests } from './unclear-requests.js';
import { respondToParseError } from './parse-errors.js';

export interface HttpServiceOptions {
  readonly log: Logger;
  readonly host: string;
  readonly port: number;
  /** Every port that is opened by the name of its setting, for the sentence when one is taken. */
  readonly portSettings: Readonly<Record<string, number | undefined>>;
  /** The largest body of a route that has no `@BodyLimit()` of its own, in bytes. */
  readonly bodyLimit: number;
  /** How many connections there may be at the same time. Default: 1,024. */
  readonly maxConnections?: number;
  /** How long clients may take. */
  readonly timeouts?: Partial<Timeouts>;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Addresses and networks of proxies: from them alone, `X-Forwarded-For` says who the client is. */
  readonly trustedProxies?: readonly string[];
  /** What `/readyz` says, in the running application. */
  readonly readiness: (app: INestApplication) => Readiness;
  /** What the service's own dependencies throw when they are away, as a problem. */
  readonly translate?: (exception: unknown) => ProblemException | undefined;
  /** Where operators look inside, on a port of its own; nowhere without one. */
  readonly internal: Omit<InternalServerOptions, 'port'> & { readonly port: number | undefined };
  /** Where requests are traced; it is stopped with the service. */
  readonly tracing?: Tracing | undefined;
  /** How it ends. */
  readonly stopping: StoppingOptions;
  /** Anything else to do before it listens, such as opening a second door. */
  readonly beforeListen?: (app: NestFastifyApplication) => Promise<void>;
}

/** A running HTTP service. */
export interface HttpService extends Stoppable {
  readonly app: INestApplication;
  /** Where it listens, as others reach it: `http://localhost:3000`. */
  readonly url: string;
}

/** A request id from outside is taken over when it is harmless to log: too short to be a key's secret, or hexadecimal. */
const REQUEST_ID = /^(?:[\w.-]{8,31}|[0-9a-f-]{32,64})$/i;

/**
 * Starts a Nest application as every service of this product runs: on Fastify, with request ids, one log line a
 * request, problem answers, validated bodies, `/healthz` (the process is alive) and `/readyz` (it can do its work).
 */
export async function startHttpService(
  module: DynamicModule | Type,
  options: HttpServiceOptions,
): Promise<HttpService> {
  const { log, host, port, bodyLimit, maxConnections = 1024, tls, trustedProxies = [], tracing } = options;
  const problems = new ProblemFilter(options.translate);
  const metrics = new HttpMetrics(options.internal.metrics);
  const connections = new Connections();
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const adapter = new FastifyAdapter({
    ...serverTimeouts(timeouts),
    // Who has come before the last connection was taken is served.
    return503OnClosing: false,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    routerOptions: { maxParamLength: 512 },
    genReqId: (req: IncomingMessage) => {
      const given = req.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    },
    frameworkErrors: (err: Error, req: FastifyRequest, res: FastifyReply) => problems.answer(err, req, res),
    clientErrorHandler: (err: Error, socket: Socket) => {
      if (connections.isBeingAnswered(socket)) socket.destroy();
      else respondToParseError(err, socket, log, metrics);
    },
    // Whether there is one Host is ours to say: see refuseUnclearRequests.
    ...(tls === undefined
      ? { http: { ...nodeTimeouts(timeouts), requireHostHeader: false } }
      : {
          https: {
            ...tls,
            ...nodeTimeouts(timeouts),
            handshakeTimeout: timeouts.headersMs,
            requireHostHeader: false,
          },
        }),
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLog(log),
    abortOnError: false,
    bodyParser: false, // see leaveBodiesUnread
  });
  const stopping = new Stopping(app, log, options.stopping);
  let internal: Stoppable | undefined;
  try {
    keepListening(adapter.getInstance().server, log);
    metrics.watch(app);
    if (tracing !== undefined) traceRequests(app, tracing);
    connections.watch(app, maxConnections);
    const methods = collectAllowedMethods(app);
    leaveBodiesUnread(app, { limit: bodyLimit, timeoutMs: timeouts.bodyMs });
    app.useGlobalGuards(new BodyGuard());
    drainUnreadBodies(app);
    app.useGlobalFilters(problems);
    app.useGlobalPipes(validated());
    logRequests(app, log);
    refuseUnclearRequests(app);
    answerHealth(app, options.readiness(app), stopping);
    await options.beforeListen?.(app);
    await app.init();
    refuseOtherMethods(app, methods);
    const { port: internalPort } = options.internal;
    if (internalPort !== undefined)
      internal = await startInternalServer({ ...options.internal, port: internalPort, log });
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

/** The methods of each route that is added from here on, by its pattern. */
function collectAllowedMethods(app: NestFastifyApplication): ReadonlyMap<string, readonly string[]> {
  const methods = new Map<string, string[]>();
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRoute', ({ url, method }) => {
    if (url === '*') return; // every address there is, for preflights alone
    methods.set(url, [...(methods.get(url) ?? []), ...[method].flat()]);
  });
  return methods;
}

/**
 * Answers 405 and what is allowed (RFC 9110 section 15.5.6) where a route knows other methods. By routes of its own, so
 * that the router decides which pattern an address belongs to.
 */
function refuseOtherMethods(
  app: NestFastifyApplication,
  methods: ReadonlyMap<string, readonly string[]>,
): void {
  const fastify = app.getHttpAdapter().getInstance();
  for (const [url, known] of [...methods]) {
    const allow = known.join(', ');
    const refusal = new ProblemException('method_not_allowed', `This route knows ${allow} alone.`, {
      headers: { allow },
    });
    fastify.route({
      url,
      method: fastify.supportedMethods.filter((method) => !known.includes(method)),
      exposeHeadRoute: false,
      onRequest: (_req, _res, done) => done(refusal),
      handler: () => undefined,
    });
  }
}

/** A line for each request once it is over: when its answer was sent, or when that broke off. */
function logRequests(app: NestFastifyApplication, log: Logger): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (req, res, done) => {
    void res.header('x-request-id', req.id);
    // Not in a hook for answers, which one that breaks off, as a stream does, never comes to.
    res.raw.on('close', () => {
      const { refusal: reason, keyId, served } = req;
      const level = req.url === '/healthz' || req.url === '/readyz' ? 'debug' : 'info';
      log[level](
        {
          requestId: req.id,
          ...(served !== undefined && { traceId: served.traceId }),
          method: req.method,
          path: loggedPath(req.url),
          status: statusOf(res.raw),
          durationMs: Math.round(res.elapsedTime * 10) / 10,
          ...(keyId === undefined ? {} : { keyId }),
          ...(reason === undefined ? {} : { reason }),
          ...(res.raw.writableFinished ? {} : { brokenOff: true }),
        },
        'request',
      );
    });
    done();
  });
}

/** What was answered; 499, as nginx has it, where the client left before it was. */
function statusOf({ headersSent, statusCode }: ServerResponse): number {
  return headersSent ? statusCode : 499;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The public id of the key that makes the request, for the log. */
    keyId?: string;
  }
}

/** Outside Nest's routes, so that no guard shuts them: they tell nothing but whether to send traffic here. */
function answerHealth(app: NestFastifyApplication, readiness: Readiness, stopping: Stopping): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.get('/healthz', () => ({ status: 'alive' }));
  fastify.get('/readyz', async (_req, res) => {
    if (stopping.isUnderWay) return res.code(503).send({ status: 'stopping' });
    const missing = await readiness.missing();
    if (missing === undefined) return { status: 'ready' };
    return res.code(503).send({ status: 'not ready', missing });
  });
}

/** The port on which it listens, where the system was asked for a free one. */
function portOf(app: NestFastifyApplication, port: number): number {
  const address = app.getHttpAdapter().getInstance().server.address();
  return address === null || typeof address === 'string' ? port : address.port;
}

/** What the system says when nobody can listen there, as a sentence. */
function asStartError(err: unknown, { host, portSettings }: HttpServiceOptions): unknown {
  if (!(err instanceof Error) || !('code' in err)) return err;
  const port = 'port' in err && typeof err.port === 'number' ? err.port : 0;
  const portSetting = Object.keys(portSettings).find((name) => portSettings[name] === port) ?? 'its setting';
  const isAboutAddress = 'syscall' in err && /^(listen|bind|getaddrinfo)$/.test(String(err.syscall));
  switch (err.code) {
    case 'EADDRINUSE':
      return new StartError(
        `Port ${port} is taken: stop what listens there, or set ${portSetting} to another port.`,
      );
    case 'EACCES':
      return new StartError(
        `Port ${port} may not be opened by this user: set ${portSetting} to one above 1023.`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartError(
        `This machine has no address ${addressIn(err) ?? host}: correct the setting of the host.`,
      );
    default:
      if (!isAboutAddress) return err;
      return new StartError(
        `Nobody can listen on ${addressIn(err) ?? host} (${err.message}): correct the setting of the host.`,
      );
  }
}

/** The address or the name that an error is about. */
function addressIn(err: Error): string | undefined {
  const address = 'address' in err ? err.address : 'hostname' in err ? err.hostname : undefined;
  return typeof address === 'string' ? address : undefined;
}
