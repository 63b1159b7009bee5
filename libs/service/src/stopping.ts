import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server as TlsServer } from 'node:tls';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { integer } from '#libs/settings';

/** How a service stops. */
export interface StoppingOptions {
  /** How long it serves on while `/readyz` says no, in seconds: `DRAIN_SECONDS`. */
  readonly drainSeconds: number;
  /** How long requests under way may take after that, in milliseconds; default: see {@link finishMsAfter}. */
  readonly finishMs?: number;
}

/** The setting of each service that says how long it serves on. */
export function drainSeconds() {
  return integer({ min: 0, max: 60, unit: 'seconds' })
    .default(0)
    .describe(
      'How long it serves on after SIGTERM, while `/readyz` answers 503: what the balancer in front needs to notice.',
    );
}

/** When what is still open is cut off, in milliseconds since the signal: Docker kills after ten seconds. */
const CUT_OFF_MS = 9000;

/** What remains for requests under way after a long drain, in milliseconds. */
const LEAST_FINISH_MS = 4000;

function finishMsAfter(drainMs: number): number {
  return Math.max(CUT_OFF_MS - drainMs, LEAST_FINISH_MS);
}

/**
 * Stops an HTTP service gracefully. First it is not ready but still serves, and asks each client by
 * `Connection: close` to come back over another connection (RFC 9112 section 9.6), which leads elsewhere; then it takes
 * no connection any more and finishes what is under way; last it cuts off what is not over by then, such as streams.
 */
export class Stopping {
  readonly #app: NestFastifyApplication;
  readonly #log: Logger;
  readonly #options: StoppingOptions;
  /** Connections without a request so far. Node takes them for busy ones, and would wait for them. */
  readonly #unused = new Set<Socket>();
  #isUnderWay = false;

  /** To be made before the application listens. */
  constructor(app: NestFastifyApplication, log: Logger, options: StoppingOptions) {
    this.#app = app;
    this.#log = log;
    this.#options = options;
    const fastify = app.getHttpAdapter().getInstance();
    // Its requests know the connection within TLS alone.
    const connected = fastify.server instanceof TlsServer ? 'secureConnection' : 'connection';
    fastify.server.on(connected, (socket: Socket) => {
      this.#unused.add(socket);
      socket.once('close', () => this.#unused.delete(socket));
    });
    fastify.addHook('onRequest', (req, _res, done) => {
      this.#unused.delete(req.raw.socket);
      done();
    });
    fastify.addHook('onSend', (_req, res, _payload, done) => {
      if (this.#isUnderWay) void res.header('connection', 'close');
      done();
    });
    fastify.addHook('preClose', (done) => {
      for (const socket of this.#unused) socket.destroy();
      done();
    });
  }

  /** Whether it has begun. */
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
        this.#log.warn('what is not over by now is cut off');
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
