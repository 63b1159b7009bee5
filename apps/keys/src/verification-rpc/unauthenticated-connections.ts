import type { Socket } from 'node:net';

/** Their maximum number. Beyond it the oldest is closed, since a genuine client sends its credential at once. */
export const MAX_UNAUTHENTICATED = 128;

/** How long a connection has to send its credential, in milliseconds, including the TLS handshake. */
export const AUTHENTICATE_WITHIN_MS = 5000;

/** Connections that have not sent their credential yet: bounded in number and time. */
export class UnauthenticatedConnections {
  /** By peer, so that a connection is recognized again once TLS has wrapped its socket. */
  readonly #open = new Map<string, { socket: Socket; readonly deadline: NodeJS.Timeout }>();

  /** Call it for each connection, and again with its TLS socket. */
  add(socket: Socket): void {
    const peer = peerOf(socket);
    const known = this.#open.get(peer);
    if (known === undefined) this.#admit(peer, socket);
    else known.socket = socket;
    socket.once('close', () => {
      if (this.#open.get(peer)?.socket === socket) this.#forget(peer);
    });
  }

  /** Its credential was accepted: it may stay. */
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
