import { Injectable, Optional } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Dispatcher } from 'undici';
import type { Principal } from '#libs/key-guard';
import { ProblemException } from '#libs/problems';
import { Tracing } from '#libs/tracing';
import { IdentityHeaders } from './identity-headers.js';
import { headersToClient, headersToUpstream } from './passed-headers.js';
import { withTraceparent, stepOf } from './traced-request.js';
import type { Upstream, UpstreamName, UpstreamRequest } from './upstream.js';
import {
  UpstreamLate,
  asProblem,
  isWorthRetrying,
  notConfigured,
  unexpectedStatus,
  noteBrokenBody,
} from './upstream-problems.js';
import { Upstreams } from './upstreams.js';

/** What goes on to a service: only what was validated, written anew. */
export interface Forwarded {
  readonly to: UpstreamName;
  /** The segments of the path below `/v1`, not encoded. */
  readonly path: readonly string[];
  readonly query?: object;
  readonly body?: object;
  /** Whether the service works before it answers, and so may take its time. */
  readonly isLongRunning?: boolean;
}

/** Hands a request on to the service behind its route, and the answer back as it comes. */
@Injectable()
export class Forwarder {
  constructor(
    private readonly upstreams: Upstreams,
    private readonly identity: IdentityHeaders,
    @Optional() private readonly tracing?: Tracing,
  ) {}

  /**
   * Ends with the beginning of the answer; the rest is streamed. Throws a {@link ProblemException} when there is none.
   * A client that goes away ends the request to the service, whether or not that has begun to answer.
   */
  async forward(caller: Principal, res: FastifyReply, forwarded: Forwarded): Promise<void> {
    const { to, isLongRunning = false } = forwarded;
    refuseWhatIsNotForwarded(res.request, forwarded);
    const upstream = this.upstreams.find(to);
    if (upstream === undefined) throw this.upstreams.failed(to, notConfigured(to));

    const { answerMs, workMs } = this.upstreams.limits;
    const ending = new AbortController();
    onceGone(res, () => ending.abort());
    const deadline = setTimeout(() => ending.abort(new UpstreamLate()), isLongRunning ? workMs : answerMs);
    try {
      const identity = await this.identity.for(caller, to);
      const request = requestOf(res.request, forwarded, identity, ending.signal);
      const answer = await this.#ask(upstream, to, request);
      sendToClient(answer, res, to, (err) => {
        // A client that goes away breaks the body off, too.
        if (!res.raw.destroyed) this.upstreams.failed(to, asProblem(err, to));
      });
    } catch (err) {
      if (err instanceof ProblemException) throw this.upstreams.failed(to, err);
      // Nobody is there to be told.
      if (res.raw.destroyed) return;
      throw this.upstreams.failed(to, asProblem(err, to));
    } finally {
      clearTimeout(deadline);
    }
  }

  #ask(upstream: Upstream, name: UpstreamName, request: UpstreamRequest): Promise<Dispatcher.ResponseData> {
    if (this.tracing === undefined) return ask(upstream, request);
    return this.tracing.ask(stepOf(upstream, name, request), (traceparent) =>
      ask(upstream, traceparent === undefined ? request : withTraceparent(request, traceparent)),
    );
  }
}

/** What would be dropped silently is refused instead: a field of a route without any, or a query. */
function refuseWhatIsNotForwarded(req: FastifyRequest, { body, query }: Forwarded): void {
  if (body === undefined && hasFields(req.body))
    throw new ProblemException('invalid_request', 'This route takes no body.');
  if (query === undefined && hasFields(req.query))
    throw new ProblemException('invalid_request', 'This route takes no query.');
}

function hasFields(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

/** When the client has gone, or been cut off, before the answer was over. */
function onceGone(res: FastifyReply, gone: () => void): void {
  const { raw } = res;
  if (raw.destroyed) gone();
  raw.once('close', () => {
    if (!raw.writableFinished) gone();
  });
  // One of several requests on a connection whose turn has not come does not hear of its end.
  if (raw.socket === null) raw.req.socket.once('close', gone);
}

function requestOf(
  req: FastifyRequest,
  { path, query, body }: Forwarded,
  identity: Readonly<Record<string, string>>,
  signal: AbortSignal,
): UpstreamRequest {
  const headers = { ...headersToUpstream(req), ...identity };
  const request = {
    method: methodOf(req),
    path: `/v1/${path.map(encodeURIComponent).join('/')}${queryOf(query)}`,
    signal,
  };
  if (body === undefined) return { ...request, headers };
  return {
    ...request,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
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

/** Once more when the connection failed, and only where the service does nothing: no change is asked for twice. */
async function ask(upstream: Upstream, request: UpstreamRequest): Promise<Dispatcher.ResponseData> {
  const isRepeatable = request.method === 'GET' || request.method === 'HEAD';
  try {
    return await upstream.request(request);
  } catch (err) {
    if (!isRepeatable || !isWorthRetrying(err) || request.signal.aborted) throw err;
    return upstream.request(request);
  }
}

function sendToClient(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  res: FastifyReply,
  from: UpstreamName,
  onBroken: (cause: Error) => void,
): void {
  if (!isForClients(statusCode)) {
    body.destroy();
    throw unexpectedStatus(from, statusCode);
  }
  const { vary: ownVary = '' } = res.getHeaders();
  const passed = headersToClient(headers);
  body.once('error', (err) => {
    noteBrokenBody(err, from);
    onBroken(err);
    if (!res.raw.headersSent) removeHeaders(passed, res, ownVary);
  });
  const vary = mergedVary(String(ownVary), passed.vary ?? '');
  void res
    .code(statusCode)
    .headers(vary === '' ? passed : { ...passed, vary })
    .send(body);
  // Else the headers would wait for the first event, which may be long in coming.
  if (isEventStream(headers) && !res.raw.headersSent) res.raw.flushHeaders();
}

/** What a broken body was said to be must not stand above the problem that is answered instead. */
function removeHeaders(passed: Readonly<Record<string, string>>, res: FastifyReply, ownVary: unknown): void {
  for (const name of Object.keys(passed)) {
    void res.removeHeader(name);
    res.raw.removeHeader(name);
  }
  if (ownVary !== '') void res.header('vary', ownVary);
}

/** Every header of a request that the answer depends on, be it here or at the service (RFC 9110 section 12.5.5). */
function mergedVary(...values: readonly string[]): string {
  const names = values.flatMap((value) => value.split(',')).map((name) => name.trim());
  const byName = new Map(names.filter((name) => name !== '').map((name) => [name.toLowerCase(), name]));
  return byName.has('*') ? '*' : [...byName.values()].join(', ');
}

/**
 * A redirection leads where no client can go; 401 and 407 are about the gateway's identity, and would tell a client
 * that its key is dead.
 */
function isForClients(status: number): boolean {
  const isSuccess = status >= 200 && status < 300;
  return isSuccess || status === 304 || (status >= 400 && status < 600 && status !== 401 && status !== 407);
}

function isEventStream(headers: Dispatcher.ResponseData['headers']): boolean {
  return String(headers['content-type']).startsWith('text/event-stream');
}
