import type { Socket } from 'node:net';

/** How many there may be. Beyond it the oldest is ended, since a client that has the credential sends it at once. */
export const MAX_UNAUTHENTICATED = 128;

/** How long one may take to show its credential, in milliseconds, TLS included. */
export const AUTHENTICATE_WITHIN_MS = 5000;

/** Connections whose credential was not seen yet: a few, and for a short while. */
export class UnauthenticatedConnections {
  /** By their peer, so that a connection is the same one within TLS. */
  readonly #open = new Map<string, { socket: Socket; readonly deadline: NodeJS.Timeout }>();

  /** To be told of each connection, and once more of what it has become within TLS. */
  add(socket: Socket): void {
    const peer = peerOf(socket);
    const known = this.#open.get(peer);
    if (known === undefined) this.#admit(peer, socket);
    else known.socket = socket;
    socket.once('close', () => {
      if (this.#open.get(peer)?.socket === socket) this.#forget(peer);
    });
  }

  /** Its credential was seen: it may stay. */
  release(socket: Socket): void {
    this.#forget(peerOf(socket));
  }

  #admit(peer: string, socket: Socket): void {
    const deadline = setTimeout(() => this.#end(peer), AUTHENTICATE_WITHIN_MS);
    this.#open.set(peer, { socket, deadline });
    const [oldest] = this.#open.keys();
    if (this.#open.size > MAX_UNAUTHENTICATED && oldest !== undefined) this.#end(oldest);
  }

  #end(peer: string): void {
    this.#open.get(peer)?.socket.destroy();
    this.#forget(peer);
  }

  #forget(peer: string): void {
    clearTimeout(this.#open.get(peer)?.deadline);
    this.#open.delete(peer);
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ''}:${remotePort ?? ''}`;
}
