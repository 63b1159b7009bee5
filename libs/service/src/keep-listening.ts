import type { Server } from 'node:net';
import type { Logger } from 'pino';

/**
 * Logs the errors of a server that listens. A connection that cannot be accepted, for want of memory for instance, is
 * one; without a listener, it would end the process and every other connection with it.
 */
export function keepListening(server: Server, log: Logger): void {
  server.on('error', (err) => log.error({ err }, 'a connection cannot be accepted'));
}
