import { type FastifyInstance, fastify } from 'fastify';
import type { Logger } from 'pino';
import { type Registry, collectDefaultMetrics } from 'prom-client';
import { DEFAULT_TIMEOUTS, boundConnections, nodeTimeouts, serverTimeouts } from './connections.js';
import { keepListening } from './keep-listening.js';
import { requestId } from './request-log.js';
import { trustPeer } from './trust-peer.js';

/** The maximum number of connections if there are only documents: operators are few. */
const MAX_CONNECTIONS = 128;

export interface InternalServerOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Registry;
  /** Further documents to serve there: paths, and the JSON that GET returns. */
  readonly documents?: Readonly<Record<string, () => object>>;
  /** Adds further routes. */
  readonly routes?: ((server: FastifyInstance) => void) | undefined;
  /** The maximum number of connections. Default: 128. */
  readonly maxConnections?: number | undefined;
  /** Addresses and networks of proxies behind the one that sends a request, which is trusted in any case. */
  readonly trustedProxies?: readonly string[];
}

/** A running internal server. */
export interface InternalServer {
  /** Accepts no more connections, and closes those that are idle. */
  leave(): void;
  /** Resolves when every connection is closed. */
  stop(): Promise<void>;
}

/** A port for operators and other services, without credentials: `/metrics`, in the format of Prometheus. */
export async function startInternalServer({
  host,
  port,
  metrics,
  documents = {},
  routes,
  maxConnections = MAX_CONNECTIONS,
  trustedProxies = [],
  log,
}: InternalServerOptions & { readonly log: Logger }): Promise<InternalServer> {
  collectDefaultMetrics({ register: metrics });
  const server = fastify({
    ...serverTimeouts(DEFAULT_TIMEOUTS),
    http: nodeTimeouts(DEFAULT_TIMEOUTS),
    bodyLimit: 1,
    genReqId: requestId,
    trustProxy: trustPeer(trustedProxies),
    return503OnClosing: false,
  });
  keepListening(server.server, log);
  boundConnections(server.server, maxConnections);
  server.get('/metrics', async (_req, res) => {
    void res.type(metrics.contentType);
    return metrics.metrics();
  });
  for (const [path, read] of Object.entries(documents)) server.get(path, () => read());
  if (routes !== undefined)
    // Apart from the documents, so that its hooks do not apply to those.
    await server.register((scope, _options, done) => {
      routes(scope);
      done();
    });
  await server.listen({ host, port });
  let closed: Promise<void> | undefined;
  const leave = (): void => {
    closed ??= server.close();
  };
  return {
    leave,
    stop: async () => {
      leave();
      server.server.closeAllConnections();
      await closed;
    },
  };
}
