import helmet from '@fastify/helmet';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** The page runs only its own scripts, connects only to this server, and cannot be framed. */
const POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  // Mantine positions components with style attributes.
  styleSrc: ["'self'", "'unsafe-inline'"],
  // Profile pictures are on the providers' servers.
  imgSrc: ["'self'", 'data:', 'https:'],
  fontSrc: ["'self'"],
  connectSrc: ["'self'"],
  manifestSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'", 'https:'],
  frameAncestors: ["'none'"],
};

/** How long browsers remember to use only TLS (RFC 6797): half a year. */
const HSTS_SECONDS = 180 * 24 * 3600;

/** Sets security headers, and `Cache-Control: no-store` unless a route sets its own. */
export async function protectPage(app: NestFastifyApplication, origin: string): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: POLICY },
    strictTransportSecurity: origin.startsWith('https:') && { maxAge: HSTS_SECONDS },
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
  });
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (_req, res, done) => {
      void res.header('cache-control', 'no-store');
      done();
    });
}
