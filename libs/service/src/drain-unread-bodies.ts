import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { hasBody } from './read-body.js';

/** How long the rest of an unwanted body is read, in milliseconds. */
export const DRAIN_MS = 2000;

/**
 * Lets a client that is still sending read its response, for example that its key is invalid or its body too large. A
 * connection that is closed with unread bytes is reset, and the reset overtakes the response; so the rest is read and
 * discarded for a while (RFC 9112 section 9.6). If the body ends by then, the connection is kept.
 */
export function drainUnreadBodies(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onSend', (req, res, _payload, done) => {
    if (hasBody(req) && !req.raw.complete) {
      // Node would close it at once.
      void res.removeHeader('connection');
      req.raw.resume();
      const { socket } = req.raw;
      const closing = setTimeout(() => socket.destroy(), DRAIN_MS);
      req.raw.once('close', () => clearTimeout(closing));
    }
    done();
  });
}
