import { readFile } from 'node:fs/promises';
import type { FastifyRequest } from 'fastify';
import { clientAddress } from '#libs/client-address';
import { isLoopback, userOfConnection } from './connection-user.js';

/** Set by proxies and tunnels, behind which the connection says nothing about the client. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/** Linux's tables of TCP connections, with the user of each. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];

/**
 * Tells whether a request comes from the user who runs this process, on this machine. Enabled only if one process runs
 * everything (`npm start`).
 */
export class LocalOperator {
  constructor(private readonly isEnabled: boolean) {}

  async hasSent({ headers, socket }: FastifyRequest): Promise<boolean> {
    if (!this.isEnabled || PROXY_HEADERS.some((name) => headers[name] !== undefined)) return false;
    const { remoteAddress = '', remotePort, localPort } = socket;
    if (!isLoopback(clientAddress(remoteAddress)) || remotePort === undefined || localPort === undefined)
      return false;
    const tables = await Promise.all(TABLES.map((path) => readFile(path, 'utf8').catch(() => undefined)));
    // Only Linux names the user. Elsewhere loopback must suffice: see docs/decisions/0010.
    if (tables.every((table) => table === undefined)) return true;
    const user = userOfConnection(tables.join('\n'), remotePort, localPort);
    // Root is not trusted unless this process runs as root: programs that forward remote connections often run as root.
    return user !== undefined && user === process.getuid?.();
  }
}
