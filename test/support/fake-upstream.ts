import { once } from 'node:events';
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  createServer,
} from 'node:http';

/** A request that a service behind the gateway got. */
export interface Reached {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Resolves when the request, or its response, is aborted. */
  readonly brokenOff: Promise<void>;
}

type Respond = (req: IncomingMessage, res: ServerResponse) => void;

/** A service behind the gateway, an external system: a real server that responds as a test decides. */
export class FakeUpstream {
  readonly reached: Reached[] = [];
  #respond: Respond = respondOk;
  #waiting: (() => void)[] = [];

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  /** On a free port by default. */
  static async start(port = 0): Promise<FakeUpstream> {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('it has no port');
    const upstream = new FakeUpstream(`http://127.0.0.1:${address.port}`, server);
    server.on('request', (req: IncomingMessage, res: ServerResponse) => void upstream.#take(req, res));
    return upstream;
  }

  /** The response to requests from now on; at first `{"ok":true}`. */
  respond(respond: Respond = respondOk): void {
    this.#respond = respond;
  }

  /** The next request that reaches it. */
  async next(): Promise<Reached> {
    const count = this.reached.length;
    while (this.reached.length === count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const reached = this.reached[count];
    if (reached === undefined) throw new Error('nothing has reached it');
    return reached;
  }

  /** Accepts no connections any more. */
  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    if (this.server.listening) await once(this.server, 'close');
  }

  async #take(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const brokenOff = new Promise<void>((resolve) => {
      res.on('close', () => {
        if (!res.writableFinished) resolve();
      });
    });
    let body = '';
    for await (const chunk of req) body += String(chunk);
    this.reached.push({
      method: req.method ?? '',
      url: req.url ?? '',
      headers: req.headers,
      body,
      brokenOff,
    });
    this.#respond(req, res);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

function respondOk(_req: IncomingMessage, res: ServerResponse): void {
  res.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
}
