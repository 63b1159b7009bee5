import type { IncomingMessage } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import { type NestFastifyApplication, RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PLAIN_BODY, isPlainBody } from './plain-body.js';
import { ServiceProblem } from './service-problem.js';

/** How a service reads bodies. */
export interface BodyReading {
  /** The maximum body size of a route without {@link BodyLimit}, in bytes. */
  readonly limit: number;
  /** How long a body may take to arrive, in milliseconds, counted from when it is read. */
  readonly timeoutMs: number;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The maximum body size of the route, in bytes. */
    bodyLimit?: number;
    /** Whether the body of the route stays as it was sent. */
    isBodyRaw?: boolean;
  }
  interface FastifyInstance {
    bodyReading: BodyReading;
  }
}

/** The maximum body size of a route, in bytes, if it is not the service's. */
export function BodyLimit(bytes: number): MethodDecorator {
  return RouteConfig({ bodyLimit: bytes });
}

/**
 * Leaves the body of a route as it was sent, of any type and up to so many bytes, such as to verify a signature of it: its
 * `body` is a Buffer.
 */
export function RawBody(bytes: number): MethodDecorator {
  return RouteConfig({ bodyLimit: bytes, isBodyRaw: true });
}

/** Leaves bodies unread until {@link readBody} is called: Fastify would read them before any guard. Call it before routes are added. */
export function leaveBodiesUnread(app: NestFastifyApplication, reading: BodyReading): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.decorate('bodyReading', reading);
  for (const method of fastify.supportedMethods)
    fastify.addHttpMethod(method, { hasBody: false, overrideExisting: true });
}

/**
 * Reads the body of a request into `req.body`: a JSON object. No body counts as one without fields, so that it may be left
 * out if all fields are optional; and an empty body counts as none, whatever its type. Undefined if there is nothing to
 * wait for.
 *
 * Rejects with a {@link ServiceProblem}: 413 beyond the limit of the route; 415 for another type; 408 when the body
 * does not arrive in time; 400 for anything but a small object.
 */
export function readBody(context: ExecutionContext): Promise<void> | undefined {
  const http = context.switchToHttp();
  const req = http.getRequest<FastifyRequest>();
  if (req.body !== undefined) return undefined;
  if (!hasBody(req) || req.method === 'GET' || req.method === 'HEAD') {
    req.body = {};
    return undefined;
  }
  return read(req, http.getResponse<FastifyReply>());
}

/** Whether a request has a body of any kind (RFC 9112 section 6.3). */
export function hasBody({ headers }: FastifyRequest): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
  return encoding !== undefined || Number(length) > 0;
}

async function read(req: FastifyRequest, res: FastifyReply): Promise<void> {
  const { limit: general, timeoutMs } = req.server.bodyReading;
  const { bodyLimit: limit = general, isBodyRaw = false } = req.routeOptions.config;
  const { 'content-length': length, expect } = req.headers;
  if (Number(length) > 0 && !isBodyRaw) refuseOtherTypes(req);
  if (Number(length) > limit) throw tooLarge(limit);
  // The client waits to learn that its body is wanted (RFC 9110 section 10.1.1).
  if (expect !== undefined) res.raw.writeContinue();
  const bytes = await collect(req.raw, { limit, timeoutMs });
  if (isBodyRaw) {
    req.body = bytes;
    return;
  }
  if (bytes.length === 0) {
    req.body = {};
    return;
  }
  refuseOtherTypes(req); // in chunks, whose length was unknown
  const body = await parse(req, bytes.toString());
  if (!isPlainBody(body)) throw NOT_PLAIN;
  req.body = body;
}

function refuseOtherTypes({ headers }: FastifyRequest): void {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = headers;
  if (encoding.toLowerCase() !== 'identity') throw ENCODED;
  if (!/^\s*application\/json\s*(?:;|$)/i.test(type)) throw OTHER_TYPE;
}

/** The rest is read and discarded; see {@link drainUnreadBodies}. */
function collect(raw: IncomingMessage, { limit, timeoutMs }: BodyReading): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      if (length > limit) settle(() => reject(tooLarge(limit)));
      else chunks.push(chunk);
    };
    const onEnd = (): void => settle(() => resolve(Buffer.concat(chunks, length)));
    const onClose = (): void => settle(() => reject(BROKEN_OFF));
    const timer = setTimeout(() => settle(() => reject(late(timeoutMs))), timeoutMs);
    const settle = (conclude: () => void): void => {
      clearTimeout(timer);
      raw.off('data', onData).off('end', onEnd).off('error', onClose).off('close', onClose);
      conclude();
    };
    // Its end may have come before there was a listener.
    if (raw.destroyed) onClose();
    else raw.on('data', onData).on('end', onEnd).on('error', onClose).on('close', onClose);
  });
}

const OTHER_TYPE = new ServiceProblem('unsupported_media_type', 'Send the body as application/json.');
/** RFC 9110 section 15.5.16 asks to say which encoding would have been taken. */
const ENCODED = new ServiceProblem(
  'unsupported_media_type',
  'Send the body as it is, without a Content-Encoding: compressed bodies are not accepted.',
  { headers: { 'accept-encoding': 'identity' } },
);
const BROKEN_OFF = new ServiceProblem('invalid_request', 'The body ended early. Send all of it.');
const NOT_JSON = new ServiceProblem('invalid_request', 'The body is not valid JSON.');
const NOT_PLAIN = new ServiceProblem('invalid_request', PLAIN_BODY);

function late(timeoutMs: number): ServiceProblem {
  return new ServiceProblem('request_timeout', `Send the body within ${timeoutMs / 1000} seconds.`);
}

function tooLarge(limit: number): ServiceProblem {
  return new ServiceProblem('body_too_large', `The body must be at most ${limit} bytes on this route.`);
}

/** With Fastify's parser, which refuses `__proto__` and the like. */
function parse(req: FastifyRequest, text: string): Promise<unknown> {
  const parser = req.server.getDefaultJsonParser('error', 'error');
  return new Promise((resolve, reject) => {
    const parsed = parser(req, text, (err, body: unknown) => {
      if (err === null) resolve(body);
      else reject(NOT_JSON);
    });
    if (parsed !== undefined) parsed.then(resolve, reject);
  });
}
