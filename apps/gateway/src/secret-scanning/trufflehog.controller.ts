import { Controller, Header, HttpCode, Post, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { KeyVerifier, Public } from '#libs/key-guard';
import { retryAfter } from '#libs/problems';
import { RawBody } from '#libs/service';
import { sightingBy } from '../exposure/sighting.js';
import { GatewayProblem } from '../gateway-problem.js';

/** A few matches of a detector. */
const MAX_BODY = 16 * 1024;

/** How many texts of one request are looked at: it is about one match, and has it with and without what surrounds it. */
const MAX_TEXTS = 20;

/** The name of the detector, the name of each of its expressions, and what that has matched, groups included. */
const matchSchema = z.record(z.string(), z.record(z.string(), z.array(z.string())));

/**
 * Where TruffleHog verifies what its custom detector has found: 200 if that is a key that is neither revoked nor expired,
 * and 404 otherwise. Only a caller with the whole key learns that, as by any request with it, and never whose it is.
 */
@Controller('reports/trufflehog')
@Public()
@ApiExcludeController()
export class TruffleHogController {
  constructor(private readonly verifier: KeyVerifier) {}

  /** An older TruffleHog sends no Content-Type. */
  @Post()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @RawBody(MAX_BODY)
  async verify(@Req() req: FastifyRequest): Promise<object> {
    const { exposed } = this.verifier;
    const [key] = textsIn(req.body).flatMap((text) => exposed.find(text, 'trufflehog') ?? []);
    if (key === undefined) throw NOT_LIVE;
    const exposure = await exposed.report(key, sightingBy(req, 'trufflehog'));
    switch (exposure.outcome) {
      case 'revoked':
      case 'marked':
        if (exposure.wasUsable) return {};
        throw NOT_LIVE;
      case 'refused':
        throw NOT_LIVE;
      case 'busy':
      case 'unavailable':
        throw new GatewayProblem(
          'unavailable',
          'Whether this is a key cannot be said right now. Try again.',
          {
            headers: retryAfter(1),
            reason: 'exposure_not_done',
          },
        );
    }
  }
}

const NOT_LIVE = new GatewayProblem('not_found', 'This is no key that works.', {
  reason: 'reported_key_dead',
});

function textsIn(body: unknown): string[] {
  if (!Buffer.isBuffer(body)) return [];
  try {
    const match = matchSchema.parse(JSON.parse(body.toString()));
    return Object.values(match)
      .flatMap((named) => Object.values(named).flat())
      .slice(0, MAX_TEXTS);
  } catch {
    throw new GatewayProblem(
      'invalid_request',
      'Send what a custom detector of TruffleHog sends to verify a match.',
    );
  }
}
