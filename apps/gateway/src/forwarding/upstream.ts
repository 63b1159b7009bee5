import { type Dispatcher, Pool } from 'undici';
import { withUpstreamErrors } from './upstream-error.js';

/** How long to wait for a service, in milliseconds, and how much may be asked of it at the same time. */
export interface UpstreamLimits {
  readonly connectMs: number;
  /** Until an answer begins, counted from the request; connecting is part of it. */
  readonly answerMs: number;
  /** The same where the service works before it answers. */
  readonly workMs: number;
  /** How long an answer that has begun may pause. */
  readonly silenceMs: number;
  /** Connections, each of which carries one request at a time. */
  readonly connections: number;
}

/** A request as the service gets it. */
export interface UpstreamRequest {
  readonly method: Dispatcher.HttpMethod;
  /** Encoded, with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends the request, and an answer that is still being read. */
  readonly signal: AbortSignal;
}

/** No connection is free. A request that waited for one might wait as long as the longest stream lasts. */
export class UpstreamFull extends Error {
  override readonly name = 'UpstreamFull';
}

/** A service behind the gateway: connections to it, a bounded number of them, kept for the next request. */
export class Upstream {
  readonly #pool: Pool;
  readonly #dispatcher: Dispatcher;
  readonly #basePath: string;
  readonly #connections: number;
  #open = 0;
  /** Where it is, by the conventions of OpenTelemetry. */
  readonly address: { readonly 'server.address': string; readonly 'server.port': number };

  constructor(
    readonly name: string,
    url: string,
    { connectMs, silenceMs, connections }: UpstreamLimits,
  ) {
    const { origin, pathname, hostname, port, protocol } = new URL(url);
    this.address = {
      'server.address': hostname,
      'server.port': Number(port || (protocol === 'https:' ? 443 : 80)),
    };
    this.#basePath = withoutEndingSlashes(pathname);
    this.#connections = connections;
    this.#pool = new Pool(origin, {
      connections,
      pipelining: 1,
      connect: { timeout: connectMs },
      headersTimeout: 0, // the caller has a deadline, which covers connecting, too
      bodyTimeout: silenceMs,
    });
    this.#dispatcher = this.#pool.compose(withUpstreamErrors(name));
  }

  /** How many requests are open at this moment, and how many may be. */
  get load(): { readonly open: number; readonly max: number } {
    return { open: this.#open, max: this.#connections };
  }

  /** Resolves when the answer begins. Its body must be read to its end, or destroyed. */
  async request({ path, ...request }: UpstreamRequest): Promise<Dispatcher.ResponseData> {
    if (this.#open >= this.#connections) throw new UpstreamFull();
    this.#open++;
    let answer: Dispatcher.ResponseData;
    try {
      answer = await this.#dispatcher.request({
        ...request,
        body: request.body ?? null,
        path: this.#basePath + path,
      });
    } catch (err) {
      this.#open--;
      throw err;
    }
    answer.body.once('close', () => this.#open--);
    // Its reader hears of an error as well; one that comes before there is a reader must not end the process.
    answer.body.on('error', () => undefined);
    return answer;
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}

function withoutEndingSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end--;
  return path.slice(0, end);
}
