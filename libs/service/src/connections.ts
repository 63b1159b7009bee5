import type { Server, ServerOptions, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** How long a client may take, in milliseconds. */
export interface Timeouts {
  /** For the TLS handshake and the headers of a request; also for the first byte on a new connection. Default: 10 s. */
  readonly headersMs: number;
  /** For a body, counted from when it is read. Default: 30 s. */
  readonly bodyMs: number;
  /** For reading pending bytes of a response. Node may take twice as long to notice. Default: 30 s. */
  readonly unreadMs: number;
  /** Until the next request on the connection: longer than load balancers wait, so that they close it. Default: 72 s. */
  readonly idleMs: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = {
  headersMs: 10_000,
  bodyMs: 30_000,
  unreadMs: 30_000,
  idleMs: 72_000,
};

/** How often Node checks for late requests, in milliseconds. */
const CHECK_EVERY_MS = 1000;

/** How much later than the body's own timeout Node ends a request, in milliseconds. */
const AFTER_BODY_MS = 5000;

/** The timeouts of a server in Fastify's options, which passes some of them to Node. */
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

/** The other timeouts, in the options of Node's `createServer`. */
export function nodeTimeouts(timeouts: Timeouts): ServerOptions {
  return {
    headersTimeout: timeouts.headersMs,
    requestTimeout: requestTimeoutMs(timeouts),
    connectionsCheckingInterval: CHECK_EVERY_MS,
  };
}

/** A fallback for the timeouts of headers and body, for bodies that are never read. */
function requestTimeoutMs({ headersMs, bodyMs }: Timeouts): number {
  return headersMs + bodyMs + AFTER_BODY_MS;
}

/**
 * Closes connections whose clients take too long or are too many. A response may take its time, streams included, as long
 * as its client reads what is sent.
 */
export class Connections {
  /** The last request of each connection whose response has begun. Responses come in order, so if it is over, so are all. */
  readonly #latest = new WeakMap<Socket, ServerResponse>();

  /** Whether part of an unfinished response may have been sent, so that nothing may be written in between. */
  isBeingAnswered(socket: Socket): boolean {
    const res = this.#latest.get(socket);
    // A response that waits for its turn has no socket.
    return res !== undefined && !res.writableFinished && (res.headersSent || res.socket === null);
  }

  /** Sets the limits of an application that does not listen yet. */
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
    // Whether the body is wanted is decided where it is read.
    server.on('checkContinue', (req, res) => server.emit('request', req, res));
  }

  #isUnderWay(socket: Socket): boolean {
    return this.#latest.get(socket)?.writableFinished === false;
  }
}

/** Accepts at most `max` connections. Idle ones are closed for new ones. */
export function boundConnections(server: Server, max: number): void {
  server.maxConnections = max;
  server.on('drop', () => server.closeIdleConnections());
}
