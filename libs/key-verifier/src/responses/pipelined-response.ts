import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Responses that wait for their turn, by connection. */
const WAITING = new WeakMap<Socket, Set<ServerResponse>>();

/**
 * Makes a response close with its connection. When a client pipelines requests (RFC 9112 section 9.3.2), Node closes only
 * the response whose turn it is; the later ones would never end.
 */
export function closeWithConnection(res: ServerResponse): void {
  if (res.socket !== null) return;
  const { socket } = res.req;
  const waiting = WAITING.get(socket) ?? new Set();
  if (!WAITING.has(socket)) {
    WAITING.set(socket, waiting);
    socket.once('close', () => {
      for (const each of waiting) {
        each.destroy();
        each.emit('close');
      }
    });
  }
  waiting.add(res);
  res.once('close', () => waiting.delete(res));
}
