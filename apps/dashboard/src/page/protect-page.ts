import helmet from '@fastify/helmet';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** Only what the page is made of runs in it, it talks to nobody but us, and nobody shows it within theirs. */
const POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  // Its components place themselves by attributes.
  styleSrc: ["'self'", "'unsafe-inline'"],
  // Pictures of people are wherever their provider keeps them.
  imgSrc: ["'self'", 'data:', 'https:'],
  fontSrc: ["'self'"],
  connectSrc: ["'self'"],
  manifestSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'", 'https:'],
  frameAncestors: ["'none'"],
};

/** Half a year, as browsers are asked to remember that there is no way in but by TLS (RFC 6797). */
const HSTS_SECONDS = 180 * 24 * 3600;

/** The headers that make browsers careful, and answers that nobody keeps unless a route says otherwise. */
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
