import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Rejects with the system's error if it is not possible to listen on `host` and `port`. For servers that do not report such
 * an error: Nest's TCP transport waits forever, unless the port is taken.
 */
export async function canListen(host: string, port: number): Promise<void> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}
