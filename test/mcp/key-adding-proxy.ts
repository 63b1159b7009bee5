import { once } from 'node:events';
import { type Server, createServer, request } from 'node:http';

/** Adds a key to each request, since the conformance suite sends none, and passes on everything else as it is. */
export class KeyAddingProxy {
  private constructor(private readonly server: Server) {}

  static async start(port: number, target: string, token: string): Promise<KeyAddingProxy> {
    const server = createServer((req, res) => {
      const headers = [...req.rawHeaders, 'Authorization', `Bearer ${token}`];
      const passedOn = request(`${target}${req.url ?? '/'}`, { method: req.method, headers }, (answer) => {
        res.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(res);
      });
      passedOn.on('error', () => res.destroy());
      res.on('close', () => passedOn.destroy());
      req.pipe(passedOn);
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return new KeyAddingProxy(server);
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
