import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ServiceProblem } from './service-problem.js';

/** The methods of each route that is added after this call, by the route's pattern. */
export function collectAllowedMethods(app: NestFastifyApplication): ReadonlyMap<string, readonly string[]> {
  const methods = new Map<string, string[]>();
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRoute', ({ url, method }) => {
    if (url === '*') return; // for preflights only
    methods.set(url, [...(methods.get(url) ?? []), ...[method].flat()]);
  });
  return methods;
}

/**
 * Responds with 405 and the allowed methods (RFC 9110 section 15.5.6) if a route does not support the request's method. It
 * adds separate routes for that, so that the router decides which pattern matches a URL.
 */
export function refuseOtherMethods(
  app: NestFastifyApplication,
  methods: ReadonlyMap<string, readonly string[]>,
): void {
  const fastify = app.getHttpAdapter().getInstance();
  for (const [url, supported] of [...methods]) {
    const allow = supported.join(', ');
    const refusal = new ServiceProblem('method_not_allowed', `This route only supports ${allow}.`, {
      headers: { allow },
    });
    fastify.route({
      url,
      method: fastify.supportedMethods.filter((method) => !supported.includes(method)),
      exposeHeadRoute: false,
      onRequest: (_req, _res, done) => done(refusal),
      handler: () => undefined,
    });
  }
}
