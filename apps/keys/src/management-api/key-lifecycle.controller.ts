import { Body, Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { KeyFormat } from '#libs/key-format';
import {
  type Expiry,
  type InEffect,
  type Pause,
  type Revocation,
  expirySchema,
  pauseSchema,
  revocationSchema,
} from '#libs/keys-contract';
import type { Propagation } from '#libs/revocations';
import { ExpireKey, type ExpiryRefused } from '../keys/expire-key.js';
import { viewOf } from '../keys/key-view.js';
import { PauseKey, type PauseRefused, type PauseRequest, type Paused } from '../keys/pause-key.js';
import { RevokeKey } from '../keys/revoke-key.js';
import { ApiRoute } from './api-route.js';
import { parseKeyId, unknownKey } from './key-in-path.js';
import { KeysProblem } from './keys-problem.js';
import { originOf } from './origin-of.js';
import { ExpireKeyBody, KeyParams, PauseKeyBody, RevokeKeyBody } from './requests.js';

/** How a key ends, now or at a moment, and how it pauses. Each call returns once every gateway knows. */
@Controller('keys/:keyId')
export class KeyLifecycleController {
  constructor(
    private readonly revokeKey: RevokeKey,
    private readonly expireKey: ExpireKey,
    private readonly pauseKey: PauseKey,
    private readonly format: KeyFormat,
  ) {}

  @Post('revoke')
  @HttpCode(200)
  @ApiRoute({
    id: 'keys_revoke',
    summary: 'Revoke a key; returns once no gateway accepts it',
    answer: revocationSchema,
    problems: ['not_found'],
  })
  async revoke(
    @Param() { keyId }: KeyParams,
    @Body() body: RevokeKeyBody,
    @Req() req: FastifyRequest,
  ): Promise<Revocation> {
    const revoked = await this.revokeKey.execute({
      id: parseKeyId(keyId),
      ownerId: body.ownerId ?? null,
      origin: originOf(req, body),
      reason: body.reason ?? null,
    });
    switch (revoked.outcome) {
      case 'unknown':
        throw unknownKey();
      case 'revoked': {
        const { key, revokedAt, effect } = revoked;
        return {
          key: viewOf(key, this.format),
          revokedAt: revokedAt.toISOString(),
          ...inEffect(effect),
        };
      }
    }
  }

  @Post('expire')
  @HttpCode(200)
  @ApiRoute({
    id: 'keys_expire',
    summary: 'Make a key expire earlier; returns once every gateway knows',
    answer: expirySchema,
    problems: ['not_found', 'key_ended', 'expiry_too_late'],
  })
  async expire(
    @Param() { keyId }: KeyParams,
    @Body() body: ExpireKeyBody,
    @Req() req: FastifyRequest,
  ): Promise<Expiry> {
    const expired = await this.expireKey.execute({
      id: parseKeyId(keyId),
      expiresAt: new Date(body.expiresAt),
      ownerId: body.ownerId ?? null,
      origin: originOf(req, body),
    });
    if (expired.outcome !== 'set') throw refusalAsProblem(expired);
    return { key: viewOf(expired.key, this.format), ...inEffect(expired.effect) };
  }

  @Post('pause')
  @HttpCode(200)
  @ApiRoute({
    id: 'keys_pause',
    summary: 'Pause a key; returns once no gateway accepts it',
    answer: pauseSchema,
    problems: ['not_found', 'key_ended'],
  })
  async pause(
    @Param() params: KeyParams,
    @Body() body: PauseKeyBody,
    @Req() req: FastifyRequest,
  ): Promise<Pause> {
    return this.#paused(await this.pauseKey.pause(pauseRequest(params, body, req)));
  }

  @Post('resume')
  @HttpCode(200)
  @ApiRoute({
    id: 'keys_resume',
    summary: 'Resume a paused key; returns once every gateway accepts it again',
    answer: pauseSchema,
    problems: ['not_found', 'key_ended'],
  })
  async resume(
    @Param() params: KeyParams,
    @Body() body: PauseKeyBody,
    @Req() req: FastifyRequest,
  ): Promise<Pause> {
    return this.#paused(await this.pauseKey.resume(pauseRequest(params, body, req)));
  }

  #paused(paused: Paused): Pause {
    if (paused.outcome !== 'set') throw pauseRefusedAsProblem(paused);
    return { key: viewOf(paused.key, this.format), ...inEffect(paused.effect) };
  }
}

function inEffect({ how, gateways, waitedMs }: Propagation): InEffect {
  return { effective: true, gateways, waitedMs: Math.round(waitedMs * 10) / 10, how };
}

function pauseRequest({ keyId }: KeyParams, body: PauseKeyBody, req: FastifyRequest): PauseRequest {
  return { id: parseKeyId(keyId), ownerId: body.ownerId ?? null, origin: originOf(req, body) };
}

function pauseRefusedAsProblem({ outcome }: PauseRefused): KeysProblem {
  switch (outcome) {
    case 'unknown':
      return unknownKey();
    case 'revoked':
      return REVOKED;
    case 'expired':
      return EXPIRED;
  }
}

const REVOKED = new KeysProblem('key_ended', 'The key is revoked: nothing about it can change any more.');
const EXPIRED = new KeysProblem('key_ended', 'The key has already expired. Create another one.');

function refusalAsProblem(refused: ExpiryRefused): KeysProblem {
  switch (refused.outcome) {
    case 'unknown':
      return unknownKey();
    case 'in_past':
      return new KeysProblem(
        'invalid_request',
        'Expiry must be in the future. To end the key now, revoke it.',
      );
    case 'revoked':
      return REVOKED;
    case 'expired':
      return EXPIRED;
    case 'earlier_already':
      return new KeysProblem(
        'expiry_too_late',
        `The key expires at ${refused.expiresAt.toISOString()}, and an expiry may only come earlier. Choose an earlier one, or make another key.`,
      );
  }
}
