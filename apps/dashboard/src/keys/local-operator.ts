import { readFile } from 'node:fs/promises';
import type { FastifyRequest } from 'fastify';
import { clientAddress } from '#libs/client-address';
import { isLoopback, userOfConnection } from './connection-user.js';

/** What a proxy or a tunnel adds: then the connection says nothing about whoever is behind it. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/** Where Linux lists TCP connections with the users who have opened them. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];

/**
 * Tells whether a request comes from the user who runs this process, on this machine. Asked where one process runs
 * everything (`npm start`), and nowhere else.
 */
export class LocalOperator {
  constructor(private readonly isAsked: boolean) {}

  async hasSent({ headers, socket }: FastifyRequest): Promise<boolean> {
    if (!this.isAsked || FORWARDED.some((name) => headers[name] !== undefined)) return false;
    const { remoteAddress = '', remotePort, localPort } = socket;
    if (!isLoopback(clientAddress(remoteAddress)) || remotePort === undefined || localPort === undefined)
      return false;
    const tables = await Promise.all(TABLES.map((path) => readFile(path, 'utf8').catch(() => undefined)));
    // Elsewhere than on Linux the system does not say: loopback must do. See docs/decisions/0010.
    if (tables.every((table) => table === undefined)) return true;
    const user = userOfConnection(tables.join('\n'), remotePort, localPort);
    // Not root, unless this process is root's: forwarders of remote connections often run as root.
    return user !== undefined && user === process.getuid?.();
  }
}
