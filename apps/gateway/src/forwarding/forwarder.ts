import { Inject, type Provider } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Dispatcher } from 'undici';
import { type Principal, callerOf } from '#libs/key-guard';
import { Tracing } from '#libs/tracing';
import { GatewayProblem } from '../gateway-problem.js';
import { IdentityHeaders } from './identity-headers.js';
import { headersToUpstream } from './passed-headers.js';
import { sendToClient } from './send-to-client.js';
import { stepOf, withTraceparent } from './traced-request.js';
import type { Upstream, UpstreamRequest } from './upstream.js';
import { UpstreamLate, asProblem, isWorthRetrying, notConfigured } from './upstream-problems.js';
import { Upstreams } from './upstreams.js';

/** What goes on to a service besides the path: only validated fields, serialized again. */
export interface ForwardedFields {
  readonly query?: object;
  readonly body?: object;
  /** Whether the service works before it responds, and so may take its time. */
  readonly isLongRunning?: boolean;
}

/** Injects the {@link Forwarder} to a service. */
export function ForwardsTo(name: string): ParameterDecorator {
  return Inject(tokenOf(name));
}

/** Provides what {@link ForwardsTo} injects. */
export function provideForwarder(name: string): Provider {
  return {
    provide: tokenOf(name),
    inject: [Upstreams, IdentityHeaders, { token: Tracing, optional: true }],
    useFactory: (upstreams: Upstreams, identity: IdentityHeaders, tracing?: Tracing) =>
      new Forwarder(name, upstreams, identity, tracing),
  };
}

function tokenOf(name: string): string {
  return `forwarder to ${name}`;
}

/** Forwards requests to one service, and streams its responses back. */
export class Forwarder {
  constructor(
    private readonly name: string,
    private readonly upstreams: Upstreams,
    private readonly identity: IdentityHeaders,
    private readonly tracing?: Tracing,
  ) {}

  /**
   * Forwards the request that `res` responds to. `path` has the segments below `/v1/<service>`, not encoded. Resolves
   * when the response begins; the rest is streamed. Throws a {@link GatewayProblem} when there is none. A client that
   * disconnects ends the request to the service, whether or not that has begun to respond.
   */
  async forward(res: FastifyReply, path: readonly string[], fields: ForwardedFields = {}): Promise<void> {
    const { name, upstreams } = this;
    const caller = callerOf(res.request);
    rejectUnforwardedFields(res.request, fields);
    const upstream = upstreams.find(name);
    if (upstream === undefined) throw upstreams.failed(name, notConfigured(name));

    const { answerMs, workMs } = upstreams.limits;
    const ending = new AbortController();
    onDisconnect(res, () => ending.abort());
    const deadline = setTimeout(
      () => ending.abort(new UpstreamLate()),
      fields.isLongRunning === true ? workMs : answerMs,
    );
    try {
      const request = await this.#requestOf(caller, res.request, path, fields, ending.signal);
      const answer = await this.#send(upstream, request);
      sendToClient(answer, res, name, (err) => {
        // A client that disconnects breaks the body off, too.
        if (!res.raw.destroyed) upstreams.failed(name, asProblem(err, name));
      });
    } catch (err) {
      if (err instanceof GatewayProblem) throw upstreams.failed(name, err);
      // There is no client left to respond to.
      if (res.raw.destroyed) return;
      throw upstreams.failed(name, asProblem(err, name));
    } finally {
      clearTimeout(deadline);
    }
  }

  async #requestOf(
    caller: Principal,
    req: FastifyRequest,
    path: readonly string[],
    { query, body }: ForwardedFields,
    signal: AbortSignal,
  ): Promise<UpstreamRequest> {
    const headers = { ...headersToUpstream(req), ...(await this.identity.for(caller, this.name)) };
    const request = {
      method: methodOf(req),
      path: `/v1/${[this.name, ...path].map(encodeURIComponent).join('/')}${queryOf(query)}`,
      signal,
    };
    if (body === undefined) return { ...request, headers };
    return {
      ...request,
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
  }

  #send(upstream: Upstream, request: UpstreamRequest): Promise<Dispatcher.ResponseData> {
    if (this.tracing === undefined) return send(upstream, request);
    return this.tracing.ask(stepOf(upstream, request), (traceparent) =>
      send(upstream, traceparent === undefined ? request : withTraceparent(request, traceparent)),
    );
  }
}

/** What would be dropped silently is rejected instead: a body or a query on a route that takes none. */
function rejectUnforwardedFields(req: FastifyRequest, { body, query }: ForwardedFields): void {
  if (body === undefined && hasFields(req.body))
    throw new GatewayProblem('invalid_request', 'This route takes no body.');
  if (query === undefined && hasFields(req.query))
    throw new GatewayProblem('invalid_request', 'This route takes no query.');
}

function hasFields(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

/** When the client disconnects, or is cut off, before the response is complete. */
function onDisconnect(res: FastifyReply, gone: () => void): void {
  const { raw } = res;
  if (raw.destroyed) gone();
  raw.once('close', () => {
    if (!raw.writableFinished) gone();
  });
  // A pipelined response whose turn has not come is not told that its connection has closed.
  if (raw.socket === null) raw.req.socket.once('close', gone);
}

function methodOf({ method }: FastifyRequest): Dispatcher.HttpMethod {
  switch (method) {
    case 'GET':
    case 'HEAD':
    case 'POST':
    case 'PATCH':
      return method;
    default:
      throw new TypeError(`no route forwards ${method}`);
  }
}

function queryOf(query: object = {}): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) given.append(name, String(value));
  return given.size === 0 ? '' : `?${given.toString()}`;
}

/** Retries once when the connection failed, and only requests that change nothing: no change is sent twice. */
async function send(upstream: Upstream, request: UpstreamRequest): Promise<Dispatcher.ResponseData> {
  const isRepeatable = request.method === 'GET' || request.method === 'HEAD';
  try {
    return await upstream.request(request);
  } catch (err) {
    if (!isRepeatable || !isWorthRetrying(err) || request.signal.aborted) throw err;
    return upstream.request(request);
  }
}
