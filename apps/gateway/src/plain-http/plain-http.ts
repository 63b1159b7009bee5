import type { INestApplication } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { AddressRanges, clientAddress } from '#libs/client-address';
import { KeyVerifier } from '#libs/key-guard';
import { PendingReports } from '../exposure/pending-reports.js';
import { sightingBy } from '../exposure/sighting.js';
import { GatewayProblem } from '../gateway-problem.js';

/** How long a client must use TLS from then on (RFC 6797): two years, in seconds. */
const HSTS = { 'strict-transport-security': 'max-age=63072000' };

/** Keys that were sent in the clear are reported once in a while: their programs may repeat it many times a second. */
const REPORTED = { max: 10_000, ttl: 60_000 };

/**
 * Refuses requests that a client has sent in the clear, as a proxy in front says, before anything of them is looked at
 * (draft-ietf-httpapi-privacy). The key of such a request is treated as exposed: everybody on the way may have read it.
 */
export class PlainHttp {
  readonly #pending: PendingReports;
  readonly #verifier: KeyVerifier;
  readonly #proxies: AddressRanges | undefined;
  readonly #reported = new LRUCache<string, true>(REPORTED);

  /** `proxies`: whose `X-Forwarded-Proto` is believed. */
  constructor(app: INestApplication, proxies: readonly string[]) {
    this.#pending = app.get(PendingReports);
    this.#verifier = app.get(KeyVerifier, { strict: false });
    this.#proxies = AddressRanges.parse(proxies);
  }

  /** Refuses them at the public port, and tells clients that use TLS to keep to it. */
  watch(app: NestFastifyApplication): void {
    const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
    fastify.addHook('onRequest', (req, res, done) => {
      const isTrusted = this.#proxies?.include(clientAddress(req.socket.remoteAddress)) === true;
      done(isTrusted ? this.check(req, res) : undefined);
    });
  }

  /** The problem to refuse it with, if it was sent in the clear. */
  check(req: FastifyRequest, res: FastifyReply): GatewayProblem | undefined {
    const protocols = protocolsOf(req);
    if (protocols.length > 0 && protocols.every((protocol) => protocol === 'https')) res.headers(HSTS);
    if (!protocols.includes('http')) return undefined;
    const key = this.#verifier.exposed.findIn(req, 'plain_http');
    if (key !== undefined && !this.#reported.has(key.digest)) {
      this.#reported.set(key.digest, true);
      this.#pending.add([key], sightingBy(req, 'plain_http'));
    }
    return NOT_ENCRYPTED;
  }
}

const NOT_ENCRYPTED = new GatewayProblem(
  'plain_http',
  'Use https. If this request had a key, others may have read it: revoke it and create a new one.',
);

/** What the proxies on the way say, in lowercase: each may add its own to those before. */
function protocolsOf({ headers }: FastifyRequest): string[] {
  const value = headers['x-forwarded-proto'];
  const text = Array.isArray(value) ? value.join() : (value ?? '');
  return text
    .toLowerCase()
    .split(',')
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol !== '');
}
