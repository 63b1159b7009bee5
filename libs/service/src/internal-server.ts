import { fastify } from 'fastify';
import type { Logger } from 'pino';
import { type Registry, collectDefaultMetrics } from 'prom-client';
import { DEFAULT_TIMEOUTS, boundConnections, nodeTimeouts, serverTimeouts } from './connections.js';
import { keepListening } from './keep-listening.js';
import type { Stoppable } from './start.js';

/** The maximum number of connections: operators are few. */
const MAX_CONNECTIONS = 128;

export interface InternalServerOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Registry;
  /** Further documents to serve there: paths, and the JSON that GET returns. */
  readonly documents?: Readonly<Record<string, () => object>>;
}

/** A port for operators and other services, without credentials: `/metrics`, in the format of Prometheus. */
export async function startInternalServer({
  host,
  port,
  metrics,
  documents = {},
  log,
}: InternalServerOptions & { readonly log: Logger }): Promise<Stoppable> {
  collectDefaultMetrics({ register: metrics });
  const server = fastify({
    ...serverTimeouts(DEFAULT_TIMEOUTS),
    http: nodeTimeouts(DEFAULT_TIMEOUTS),
    bodyLimit: 1,
  });
  keepListening(server.server, log);
  boundConnections(server.server, MAX_CONNECTIONS);
  server.get('/metrics', async (_req, res) => {
    void res.type(metrics.contentType);
    return metrics.metrics();
  });
  for (const [path, read] of Object.entries(documents)) server.get(path, () => read());
  await server.listen({ host, port });
  return { stop: () => server.close() };
}
