import { AsyncResource } from 'node:async_hooks';
import type { Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import { type MessageHandler, ServerTCP, type TcpOptions, type TcpSocket } from '@nestjs/microservices';
import { InvalidTcpDataReceptionException } from '@nestjs/microservices/errors/invalid-tcp-data-reception.exception.js';
import { AuthenticatingSocket } from './authenticating-socket.js';
import { LogSeldom } from './log-seldom.js';
import { AUTHENTICATE_WITHIN_MS, UnauthenticatedConnections } from './unauthenticated-connections.js';

type VerifyServerOptions = Required<TcpOptions>['options'] & {
  /** Whether this is a credential of the verification RPC. */
  readonly accepts: (credential: string) => boolean;
};

/**
 * Nest's TCP server, made safe against strangers. A connection without the credential is limited in bytes and time. A
 * pattern is taken as a plain name: Nest first parses each as JSON, and throws and catches an exception for each that is
 * not, as ours are. And what cannot be answered is logged now and then, without its content, whereas Nest logs all of
 * it every time.
 */
export class VerifyServer extends ServerTCP {
  readonly #accepts: (credential: string) => boolean;
  readonly #unauthenticated = new UnauthenticatedConnections();
  readonly #unreadable = new LogSeldom(new Logger(VerifyServer.name));
  readonly #withoutId = new LogSeldom(new Logger(VerifyServer.name));
  /** Node handles accepted connections without an async context. This gives them the start's, and so the service's log. */
  readonly #context = new AsyncResource(VerifyServer.name);

  constructor({ accepts, tlsOptions, ...options }: VerifyServerOptions) {
    super({
      ...options,
      ...(tlsOptions !== undefined && {
        tlsOptions: { ...tlsOptions, handshakeTimeout: AUTHENTICATE_WITHIN_MS },
      }),
    });
    this.#accepts = accepts;
    // With TLS, only this event announces a connection that has sent nothing yet.
    this.server.on('connection', (socket: Socket) => this.#unauthenticated.add(socket));
  }

  override getHandlerByPattern(pattern: string): MessageHandler | null {
    return this.messageHandlers.get(pattern) ?? null;
  }

  override handleMessage(socket: TcpSocket, message: unknown): Promise<unknown> {
    return this.#context.runInAsyncScope(() => super.handleMessage(socket, message));
  }

  /** A message without an ID, which expects no answer. */
  override handleEvent(): Promise<void> {
    this.#withoutId.warn({
      reason: 'verify_message_without_id',
      msg: 'ignored a message without an id: gateways send none',
    });
    return Promise.resolve();
  }

  protected override getSocketInstance(socket: Socket): TcpSocket {
    this.#unauthenticated.add(socket);
    return new AuthenticatingSocket(socket, {
      accepts: this.#accepts,
      onAuthenticated: () => this.#unauthenticated.release(socket),
    });
  }

  protected override handleError(error: string | Error): void {
    this.#context.runInAsyncScope(() => {
      if (error instanceof InvalidTcpDataReceptionException)
        this.#unreadable.warn({ reason: 'verify_message_unreadable', msg: error.message });
      else super.handleError(String(error));
    });
  }
}
