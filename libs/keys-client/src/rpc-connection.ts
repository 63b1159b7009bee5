import { type Socket, connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Address, tlsOptionsOf } from './endpoints.js';
import { FramedSocket } from './framed-socket.js';

export interface RpcConnectionOptions {
  readonly address: Address;
  /** Certificates (PEM) to trust instead of the system's, for TLS. */
  readonly ca?: string | undefined;
  /** Called when a connection was closed, or could not be made. */
  readonly onClose: () => void;
}

const CLOSED = 'the connection to keys was closed';

/** A request without an answer. */
interface Pending {
  readonly resolve: (response: unknown) => void;
  readonly reject: (err: unknown) => void;
  readonly deadline: NodeJS.Timeout;
}

/** An open, or opening, connection. Its requests wait in it, so that none outlives it. */
interface Open {
  readonly socket: Socket;
  readonly frames: FramedSocket;
  readonly pending: Map<string, Pending>;
}

/**
 * Requests to one replica of keys: the client's side of Nest's TCP transport, for its messages that expect one answer. It
 * connects with the first request, and with the next one after the connection was closed.
 */
export class RpcConnection {
  readonly #options: RpcConnectionOptions;
  #open: Open | undefined;
  #lastId = 0;
  #isClosed = false;

  constructor(options: RpcConnectionOptions) {
    this.#options = options;
  }

  /** Resolves with the answer. Rejects with what the replica has thrown, or an Error if there is no answer in time. */
  request(pattern: string, data: object, timeoutMs: number): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(new Error(CLOSED));
    const { frames, pending } = (this.#open ??= this.#connect());
    const id = String(++this.#lastId);
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        pending.delete(id);
        reject(new Error(`keys has not answered within ${timeoutMs} ms`));
      }, timeoutMs);
      pending.set(id, { resolve, reject, deadline });
      // In this order: keys looks for the credential, the first field of the data, before it has read the whole message.
      frames.send({ pattern, data, id });
    });
  }

  /** Closes it for good, without waiting for answers. */
  close(): void {
    this.#isClosed = true;
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    open.socket.end();
    rejectAll(open, new Error(CLOSED));
  }

  #connect(): Open {
    const { address, ca, onClose } = this.#options;
    const { tlsOptions } = tlsOptionsOf(address, ca);
    const place = { host: address.ip, port: address.port };
    const socket = tlsOptions === undefined ? connect(place) : connectTls({ ...tlsOptions, ...place });
    const pending: Open['pending'] = new Map();
    const open = { socket, pending, frames: new FramedSocket(socket, (message) => settle(pending, message)) };
    let cause: unknown;
    socket.on('data', (data: Buffer) => open.frames.receive(data));
    socket.on('error', (err) => {
      cause ??= err;
      socket.destroy();
    });
    socket.once('close', () => {
      if (this.#open === open) this.#open = undefined;
      rejectAll(open, cause ?? new Error('keys has closed the connection'));
      onClose();
    });
    return open;
  }
}

function settle(pending: Open['pending'], message: unknown): void {
  const { id, err, response }: { id?: unknown; err?: unknown; response?: unknown } =
    typeof message === 'object' && message !== null ? message : {};
  const request = typeof id === 'string' ? pending.get(id) : undefined;
  if (typeof id !== 'string' || request === undefined) return; // too late
  pending.delete(id);
  clearTimeout(request.deadline);
  if (err === undefined || err === null) request.resolve(response);
  else request.reject(err);
}

function rejectAll({ pending }: Open, cause: unknown): void {
  for (const { deadline, reject } of pending.values()) {
    clearTimeout(deadline);
    reject(cause);
  }
  pending.clear();
}
