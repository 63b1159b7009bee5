import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ManageClient } from '#libs/keys-client';
import type {
  Expiry,
  IssuedKey,
  Key,
  KeyActivity,
  KeyPage,
  KeyUsage,
  Pause,
  Revocation,
} from '#libs/keys-contract';
import { clientAddress } from '#libs/client-address';
import { callOrigin } from '../audit/request-origin.js';
import type { KeyCheck } from '../contract.js';
import type { Person } from '../session/find-session.js';
import { SignedIn } from '../session/session.guard.js';
import { CheckKey } from './check-key.js';
import { KeyOwner } from './key-owner.js';
import { keyNotFound } from './keys-errors.js';
import {
  CheckKeyBody,
  ExpireKeyBody,
  KeyParams,
  ListKeysQuery,
  NewKeyBody,
  RevokeKeyBody,
} from './requests.js';

/** The keys of the signed-in person only. */
@Controller('api/keys')
export class KeysController {
  constructor(
    private readonly manage: ManageClient,
    private readonly keyOwner: KeyOwner,
    private readonly checkKey: CheckKey,
  ) {}

  @Get()
  async list(
    @SignedIn() person: Person,
    @Query() { state, limit, cursor }: ListKeysQuery,
    @Req() req: FastifyRequest,
  ): Promise<KeyPage> {
    const owner = await this.keyOwner.ensure(person, req);
    return this.#manage(person, req).list(owner.id, {
      ...(state !== undefined && { state }),
      ...(limit !== undefined && { limit }),
      ...(cursor !== undefined && { cursor }),
    });
  }

  @Post()
  async issue(
    @SignedIn() person: Person,
    @Body() { name, capabilities, expiresAt, replaces, allowedIps }: NewKeyBody,
    @Req() req: FastifyRequest,
    @Headers('idempotency-key') idempotencyKey?: string,
  ): Promise<IssuedKey> {
    const owner = await this.keyOwner.ensure(person, req);
    const request = {
      name,
      capabilities,
      // The keys service answers with null for fields that are not set, so null is accepted here, too.
      ...(replaces != null && { replaces }),
      // To leave these out is not the same as null: never, and any address.
      ...(expiresAt !== undefined && { expiresAt }),
      ...(allowedIps !== undefined && { allowedIps }),
    };
    return this.#manage(person, req).issue(owner.id, request, idempotencyKey);
  }

  /** Whatever its state. Those of others look like keys that do not exist. */
  @Get(':keyId')
  async get(
    @SignedIn() person: Person,
    @Param() { keyId }: KeyParams,
    @Req() req: FastifyRequest,
  ): Promise<Key> {
    const owner = await this.keyOwner.ensure(person, req);
    const key = await this.manage.get(keyId);
    if (key.ownerId !== owner.id) throw keyNotFound();
    return key;
  }

  @Get(':keyId/activity')
  async activity(
    @SignedIn() person: Person,
    @Param() { keyId }: KeyParams,
    @Req() req: FastifyRequest,
  ): Promise<KeyActivity> {
    const owner = await this.keyOwner.ensure(person, req);
    return this.#manage(person, req).activity(keyId, { ownerId: owner.id });
  }

  @Get(':keyId/usage')
  async usage(
    @SignedIn() person: Person,
    @Param() { keyId }: KeyParams,
    @Req() req: FastifyRequest,
  ): Promise<KeyUsage> {
    const owner = await this.keyOwner.ensure(person, req);
    return this.manage.usage(keyId, { ownerId: owner.id });
  }

  @Post(':keyId/revoke')
  @HttpCode(200)
  async revoke(
    @SignedIn() person: Person,
    @Param() { keyId }: KeyParams,
    @Body() { reason }: RevokeKeyBody,
    @Req() req: FastifyRequest,
  ): Promise<Revocation> {
    const owner = await this.keyOwner.ensure(person, req);
    const why = reason == null || reason.trim() === '' ? {} : { reason };
    return this.#manage(person, req).revoke(keyId, { ownerId: owner.id, ...why });
  }

  @Post(':keyId/expire')
  @HttpCode(200)
  async expire(
    @SignedIn() person: Person,
    @Param() { keyId }: KeyParams,
    @Body() { expiresAt }: ExpireKeyBody,
    @Req() req: FastifyRequest,
  ): Promise<Expiry> {
    const owner = await this.keyOwner.ensure(person, req);
    return this.#manage(person, req).expire(keyId, { expiresAt, ownerId: owner.id });
  }

  @Post(':keyId/pause')
  @HttpCode(200)
  async pause(
    @SignedIn() person: Person,
    @Param() { keyId }: KeyParams,
    @Req() req: FastifyRequest,
  ): Promise<Pause> {
    const owner = await this.keyOwner.ensure(person, req);
    return this.#manage(person, req).pause(keyId, { ownerId: owner.id });
  }

  @Post(':keyId/resume')
  @HttpCode(200)
  async resume(
    @SignedIn() person: Person,
    @Param() { keyId }: KeyParams,
    @Req() req: FastifyRequest,
  ): Promise<Pause> {
    const owner = await this.keyOwner.ensure(person, req);
    return this.#manage(person, req).resume(keyId, { ownerId: owner.id });
  }

  @Post('check')
  @HttpCode(200)
  async check(
    @SignedIn() person: Person,
    @Body() { token }: CheckKeyBody,
    @Req() req: FastifyRequest,
  ): Promise<KeyCheck> {
    const owner = await this.keyOwner.ensure(person, req);
    return this.checkKey.execute(owner, token, clientAddress(req.ip));
  }

  #manage(person: Person, req: FastifyRequest): ManageClient {
    return this.manage.from(callOrigin(person, req));
  }
}
