import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Rejects with the system's error when nobody may listen on `host` and `port`. For servers that keep such an error to
 * themselves: Nest's TCP transport waits for ever unless the port is taken.
 */
export async function canListen(host: string, port: number): Promise<void> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}
