import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Readiness } from './readiness.js';
import type { Stopping } from './stopping.js';

/**
 * Serves `/healthz` (the process is live) and `/readyz` (it can do its work). They are not Nest routes, so no guard
 * applies: they only reveal whether to send traffic here. A mistake in the setup is only a warning: all instances have it,
 * and none would be left.
 */
export function serveHealth(app: NestFastifyApplication, readiness: Readiness, stopping: Stopping): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.get('/healthz', () => ({ status: 'alive' }));
  fastify.get('/readyz', async (_req, res) => {
    if (stopping.isUnderWay) return res.code(503).send({ status: 'stopping' });
    const missing = await readiness.missing();
    const { warnings } = readiness;
    const wrong = warnings.length > 0 ? { warnings } : {};
    if (missing === undefined) return { status: 'ready', ...wrong };
    return res.code(503).send({ status: 'not ready', missing, ...wrong });
  });
}
