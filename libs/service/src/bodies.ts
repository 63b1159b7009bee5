import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BodyGuard } from './body.guard.js';
import { drainUnreadBodies } from './drain-unread-bodies.js';
import { type BodyReading, leaveBodiesUnread } from './read-body.js';

/**
 * Reads bodies late: only after every other guard has accepted the request, so that nothing from an unauthenticated sender
 * is stored or parsed. Call it before routes are added.
 */
export function readBodiesLast(app: NestFastifyApplication, reading: BodyReading): void {
  leaveBodiesUnread(app, reading);
  app.useGlobalGuards(new BodyGuard());
  drainUnreadBodies(app);
}
