import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** How long the rest of a body that is too large may go on coming, in milliseconds. */
const LINGER_MS = 2000;

/**
 * Lets a client that is still sending hear that its body is too large. A connection that is closed with unread bytes is
 * reset, and the reset overtakes the answer; so what still comes is read and thrown away, for a while (RFC 9112 section
 * 9.6 on closing in stages).
 */
export function lingerOverLargeBodies(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onSend', (req, res, _payload, done) => {
    if (res.statusCode === 413 && !req.raw.complete) {
      void res.removeHeader('connection');
      req.raw.resume();
      const { socket } = req.raw;
      const closing = setTimeout(() => socket.destroy(), LINGER_MS);
      req.raw.once('close', () => clearTimeout(closing));
    }
    done();
  });
}
