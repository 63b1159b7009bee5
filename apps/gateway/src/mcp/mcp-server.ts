import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Catalogue } from '#libs/catalogue';
import { callerOf } from '#libs/key-guard';
import { TOOLS, type Tool, VERSION, createToolServer, mayUse } from '#libs/mcp-tools';
import { isUpstreamName, upstreamsOf } from '../upstream-routes.js';
import { InnerRequests } from './inner-requests.js';

/** A request to `/mcp`, and when its client has disconnected or was cut off. */
interface Exchange {
  readonly req: FastifyRequest;
  readonly gone: AbortSignal;
}

/** The protocol's own headers of requests. */
export const MCP_HEADERS = ['mcp-method', 'mcp-name', 'mcp-protocol-version'] as const;

/** What the protocol reads of a request. The key is not among it. */
const READ = ['accept', 'content-type', ...MCP_HEADERS] as const;

/** The protocol does not read the URL. It is not made of what clients send, which may make none. */
const MCP_URL = 'http://localhost/mcp';

/** Serves the tools over HTTP (MCP 2026-07-28, Streamable HTTP; and the revisions of 2025). It keeps nothing between requests. */
@Injectable()
export class McpServer implements OnModuleDestroy {
  readonly #log = new Logger(McpServer.name);
  readonly #tools: readonly Tool[];
  readonly #exchanges = new WeakMap<Request, Exchange>();
  readonly #handler = createMcpHandler(
    ({ requestInfo }) => {
      const exchange = requestInfo && this.#exchanges.get(requestInfo);
      if (exchange === undefined) throw new TypeError('the server of a request must know the request');
      return this.#serverFor(exchange);
    },
    { onerror: (err) => this.#log.debug({ err, msg: 'a request to /mcp was refused' }) },
  );

  constructor(
    private readonly catalogue: Catalogue,
    private readonly inner: InnerRequests,
  ) {
    const services = upstreamsOf(catalogue);
    this.#tools = TOOLS.filter(({ service }) => isUpstreamName(service) && services.includes(service));
  }

  /** The tool that a request calls, if this gateway has it. */
  calledTool({ method, params }: McpMessage): Tool | undefined {
    return method === 'tools/call' ? this.#tools.find(({ name }) => name === params?.name) : undefined;
  }

  /** Responds to an admitted request with the message `body`. */
  async respond(req: FastifyRequest, res: FastifyReply, body: unknown): Promise<void> {
    const leaving = new AbortController();
    res.raw.once('close', () => {
      if (!res.raw.writableFinished) leaving.abort();
    });
    const request = new Request(MCP_URL, {
      method: 'POST',
      headers: headersOf(req),
      signal: leaving.signal,
    });
    this.#exchanges.set(request, { req, gone: leaving.signal });
    const { status, headers, body: stream } = await this.#handler.fetch(request, { parsedBody: body });
    void res.code(status).headers(Object.fromEntries(headers));
    await res.send(stream ?? undefined);
  }

  async onModuleDestroy(): Promise<void> {
    await this.#handler.close();
  }

  #serverFor({ req, gone }: Exchange) {
    const { capabilities } = callerOf(req);
    const listed = this.#tools.filter((tool) => mayUse(capabilities, tool));
    return createToolServer({
      title: this.catalogue.title,
      version: VERSION,
      tools: listed,
      listed,
      callApi: (request, signal) => this.inner.send(req, request, AbortSignal.any([gone, signal])),
      onError: (err) => this.#log.error({ requestId: req.id, err, msg: 'a tool failed' }),
    });
  }
}

/** What a message says that is no response (JSON-RPC 2.0 section 4), as far as it is read here. */
export interface McpMessage {
  readonly method?: unknown;
  readonly params?: { readonly name?: unknown } | undefined;
}

function headersOf({ headers }: FastifyRequest): Headers {
  const read = new Headers();
  for (const name of READ) {
    const value = headers[name];
    if (typeof value === 'string') read.set(name, value);
  }
  return read;
}
