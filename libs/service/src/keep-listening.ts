import type { Server } from 'node:net';
import type { Logger } from 'pino';

/**
 * Logs the errors of a listening server. A connection that cannot be accepted, for example for lack of memory, is such an
 * error; without a listener, it would end the process, and so every other connection.
 */
export function keepListening(server: Server, log: Logger): void {
  server.on('error', (err) => log.error({ err }, 'a connection cannot be accepted'));
}
