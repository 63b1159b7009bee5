import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { BuiltPage } from './built-page.js';

/** Answers a refused request by which a browser opens a URL with the page, which says so, instead of a problem as JSON. */
export function showPageForErrors(app: NestFastifyApplication, page: BuiltPage): void {
  if (!page.isBuilt) return;
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onSend', (req, res, payload, done) => {
      if (!isRefused(res) || !opensUrl(req)) {
        done(null, payload);
        return;
      }
      void res.type('text/html; charset=utf-8');
      done(null, page.index());
    });
}

function isRefused(res: FastifyReply): boolean {
  return (
    res.statusCode >= 400 && String(res.getHeader('content-type')).startsWith('application/problem+json')
  );
}

/** Programs do not ask for HTML, and scripts on the page do not either. */
function opensUrl({ method, headers }: FastifyRequest): boolean {
  return method === 'GET' && headers.accept?.includes('text/html') === true;
}
