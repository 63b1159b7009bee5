import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server as TlsServer } from 'node:tls';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { integer } from '#libs/settings';

/** How a service stops. */
export interface StoppingOptions {
  /** How long it keeps serving while `/readyz` responds with 503, in seconds: `DRAIN_SECONDS`. */
  readonly drainSeconds: number;
  /** How long open requests may take after that, in milliseconds. Default: see {@link finishMsAfter}. */
  readonly finishMs?: number;
}

/** The setting of each service for how long it keeps serving. */
export function drainSeconds() {
  return integer({ min: 0, max: 60, unit: 'seconds' })
    .default(0)
    .describe(
      'How long it serves on after SIGTERM, while `/readyz` answers 503: what the balancer in front needs to notice.',
    );
}

/** When open requests are cut off, in milliseconds since the signal: Docker kills after ten seconds. */
const CUT_OFF_MS = 9000;

/** What remains for open requests after a long drain, in milliseconds. */
const LEAST_FINISH_MS = 4000;

function finishMsAfter(drainMs: number): number {
  return Math.max(CUT_OFF_MS - drainMs, LEAST_FINISH_MS);
}

/**
 * Stops an HTTP service gracefully. First it is not ready but still serves, and asks each client with `Connection: close`
 * to reconnect (RFC 9112 section 9.6), which leads to another instance; then it accepts no connections and finishes open
 * requests; finally it cuts off what is not over by then, such as streams.
 */
export class Stopping {
  readonly #app: NestFastifyApplication;
  readonly #log: Logger;
  readonly #options: StoppingOptions;
  /** Connections without a request so far. Node treats them as busy, and would wait for them. */
  readonly #unused = new Set<Socket>();
  #isUnderWay = false;

  /** Create it before the application listens. */
  constructor(app: NestFastifyApplication, log: Logger, options: StoppingOptions) {
    this.#app = app;
    this.#log = log;
    this.#options = options;
    const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
    // Its requests only know the connection within TLS.
    const connected = fastify.server instanceof TlsServer ? 'secureConnection' : 'connection';
    fastify.server.on(connected, (socket: Socket) => {
      this.#unused.add(socket);
      socket.once('close', () => this.#unused.delete(socket));
    });
    fastify.addHook('onRequest', (req, _res, done) => {
      this.#unused.delete(req.raw.socket);
      done();
    });
    this.askToReconnect(fastify);
    fastify.addHook('preClose', (done) => {
      for (const socket of this.#unused) socket.destroy();
      done();
    });
  }

  /** Closes each connection to a server with its next response once stopping has begun. */
  askToReconnect(server: FastifyInstance): void {
    server.addHook('onSend', (_req, res, _payload, done) => {
      if (this.#isUnderWay) void res.header('connection', 'close');
      done();
    });
  }

  /** Whether stopping has begun. */
  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** Resolves when the last request is over, and the application closed. */
  async run(): Promise<void> {
    this.#isUnderWay = true;
    const drainMs = this.#options.drainSeconds * 1000;
    await sleep(drainMs);
    const cutOff = setTimeout(
      () => {
        this.#log.warn('open requests are cut off');
        this.#app.getHttpAdapter().getInstance().server.closeAllConnections();
      },
      this.#options.finishMs ?? finishMsAfter(drainMs),
    );
    try {
      await this.#app.close();
    } finally {
      clearTimeout(cutOff);
    }
  }
}
