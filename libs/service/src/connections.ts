import type { Server, ServerOptions, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** How long a client may take, in milliseconds. */
export interface Timeouts {
  /** For TLS and the head of a request; also for the first byte on a new connection. Default: 10 s. */
  readonly headersMs: number;
  /** For a body, from the moment at which it is read. Default: 30 s. */
  readonly bodyMs: number;
  /** For taking none of the bytes that wait for it. It may be twice that until Node finds out. Default: 30 s. */
  readonly unreadMs: number;
  /** Until its next request on the same connection: longer than balancers wait, so that it is they who close it. Default: 72 s. */
  readonly idleMs: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = {
  headersMs: 10_000,
  bodyMs: 30_000,
  unreadMs: 30_000,
  idleMs: 72_000,
};

/** How often Node looks for requests that are late, in milliseconds. */
const CHECK_EVERY_MS = 1000;

/** How much later Node ends a request than the body's own time-out would have, in milliseconds. */
const AFTER_BODY_MS = 5000;

/** The time-outs of a server, as Fastify takes them, which gives some of them to Node itself. */
export function serverTimeouts(timeouts: Timeouts): {
  connectionTimeout: number;
  requestTimeout: number;
  keepAliveTimeout: number;
} {
  return {
    connectionTimeout: timeouts.unreadMs,
    requestTimeout: requestTimeoutMs(timeouts),
    keepAliveTimeout: timeouts.idleMs,
  };
}

/** The other time-outs, as Node's `createServer` takes them. */
export function nodeTimeouts(timeouts: Timeouts): ServerOptions {
  return {
    headersTimeout: timeouts.headersMs,
    requestTimeout: requestTimeoutMs(timeouts),
    connectionsCheckingInterval: CHECK_EVERY_MS,
  };
}

/** A net below the time-outs of headers and body, for bodies that nobody reads. */
function requestTimeoutMs({ headersMs, bodyMs }: Timeouts): number {
  return headersMs + bodyMs + AFTER_BODY_MS;
}

/**
 * Ends connections whose clients take too long or are too many. An answer may take its time, streams included, as long as
 * its client reads what is sent.
 */
export class Connections {
  /** The last request of each connection that was begun to be answered. Answers come in turn, so the others are over if this is. */
  readonly #latest = new WeakMap<Socket, ServerResponse>();

  /** Whether part of an answer may have been sent that is not over: then nothing may be written between. */
  isBeingAnswered(socket: Socket): boolean {
    const res = this.#latest.get(socket);
    // One whose turn has not come has no socket.
    return res !== undefined && !res.writableFinished && (res.headersSent || res.socket === null);
  }

  /** Bounds the connections of an application that does not listen yet. */
  watch(app: NestFastifyApplication, max: number): void {
    const fastify = app.getHttpAdapter().getInstance();
    fastify.addHook('onRequest', (req, res, done) => {
      this.#latest.set(req.raw.socket, res.raw);
      done();
    });
    const { server } = fastify;
    boundConnections(server, max);
    server.on('timeout', (socket: Socket) => {
      if (socket.writableLength > 0 || !this.#isUnderWay(socket)) socket.destroy();
    });
    // Whether its body is wanted is said where that is read.
    server.on('checkContinue', (req, res) => server.emit('request', req, res));
  }

  #isUnderWay(socket: Socket): boolean {
    return this.#latest.get(socket)?.writableFinished === false;
  }
}

/** Takes at most `max` connections. Kept ones that nobody uses do not keep new ones out. */
export function boundConnections(server: Server, max: number): void {
  server.maxConnections = max;
  server.on('drop', () => server.closeIdleConnections());
}
