import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GuardedRequest } from '#libs/key-verifier';
import type { ApiRequest, ApiResponse } from '#libs/mcp-tools';

declare module 'fastify' {
  interface FastifyRequest {
    /** The admitted request that this one is a part of. */
    whole?: FastifyRequest;
    /** What it does, for the key's activity, where its route does not say. */
    activityName?: string;
  }
}

/** The admitted request that a request is a part of, for the guard. */
export function wholeOf(
  req: GuardedRequest & { readonly whole?: GuardedRequest },
): GuardedRequest | undefined {
  return req.whole;
}

interface Part {
  readonly whole: FastifyRequest;
  readonly body: ApiRequest['body'];
}

/** Request headers of the whole that its parts have as well. */
const SHARED = ['host', 'user-agent', 'accept-language', 'traceparent', 'tracestate'] as const;

/**
 * Sends requests to the gateway's own routes, within the process, as parts of an admitted one. So they are validated,
 * forwarded and logged as those of clients are; and the guard holds them to their own declaration.
 */
@Injectable()
export class InnerRequests {
  /** By the request as the router gets it, which no client can make. */
  readonly #parts = new WeakMap<object, Part>();
  readonly #server: FastifyInstance;

  constructor({ httpAdapter }: HttpAdapterHost<FastifyAdapter>) {
    this.#server = httpAdapter.getInstance();
    this.#server.addHook('onRequest', (req, _res, done) => {
      const part = this.#parts.get(req.raw);
      if (part !== undefined) {
        const { whole, body } = part;
        req.whole = whole;
        if (whole.keyId !== undefined) req.keyId = whole.keyId;
        req.body = body ?? {};
      }
      done();
    });
  }

  /** Resolves when the response begins. `signal`: ends the request, and a response that is still being read. */
  async send(whole: FastifyRequest, request: ApiRequest, signal: AbortSignal): Promise<ApiResponse> {
    signal.throwIfAborted();
    const { method, path: url, body } = request;
    // Loaded when first used, as Fastify does: it requires a module that Jest cannot load on Node 20 and 22.
    const { default: inject } = await import('light-my-request');
    const answer = await inject(
      (raw, res) => {
        this.#parts.set(raw, { whole, body });
        this.#server.routing(raw, res);
      },
      { method, url, headers: sharedHeaders(whole), remoteAddress: whole.ip, signal, payloadAsStream: true },
    );
    return {
      status: answer.statusCode,
      headers: { get: (name) => textOf(answer.headers[name]) },
      body: answer.stream(),
    };
  }
}

function sharedHeaders({ id, headers }: FastifyRequest): Record<string, string> {
  const shared: Record<string, string> = { 'x-request-id': id };
  for (const name of SHARED) {
    const value = headers[name];
    if (typeof value === 'string') shared[name] = value;
  }
  return shared;
}

function textOf(value: string | string[] | number | undefined): string | null {
  return value === undefined ? null : String(value);
}
