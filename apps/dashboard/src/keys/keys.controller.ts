import { Body, Controller, Get, Headers, HttpCode, Ip, Param, Post, Query } from '@nestjs/common';
import {
  type Expiry,
  type IssuedKey,
  type KeyActivity,
  type KeyPage,
  ManageClient,
  type Revocation,
} from '#libs/keys-client';
import type { KeyCheck } from '../contract.js';
import type { Person } from '../session/find-session.js';
import { SignedIn } from '../session/session.guard.js';
import { CheckKey } from './check-key.js';
import { KeyOwner } from './key-owner.js';
import {
  CheckKeyBody,
  ExpireKeyBody,
  KeyParams,
  ListKeysQuery,
  NewKeyBody,
  RevokeKeyBody,
} from './requests.js';

/** The keys of whoever is signed in, and of nobody else. */
@Controller('api/keys')
export class KeysController {
  constructor(
    private readonly manage: ManageClient,
    private readonly keyOwner: KeyOwner,
    private readonly checkKey: CheckKey,
  ) {}

  @Get()
  async list(@SignedIn() person: Person, @Query() { state, limit, cursor }: ListKeysQuery): Promise<KeyPage> {
    await this.keyOwner.ensure(person);
    return this.manage.list(person.id, {
      ...(state !== undefined && { state }),
      ...(limit !== undefined && { limit }),
      ...(cursor !== undefined && { cursor }),
    });
  }

  @Post()
  async issue(
    @SignedIn() person: Person,
    @Body() { name, capabilities, expiresAt, replaces }: NewKeyBody,
    @Headers('idempotency-key') idempotencyKey?: string,
  ): Promise<IssuedKey> {
    await this.keyOwner.ensure(person);
    const request = {
      name,
      capabilities,
      // Null says the same as leaving it out, as in keys' own answers.
      ...(expiresAt != null && { expiresAt }),
      ...(replaces != null && { replaces }),
      actor: person.id,
    };
    return this.manage.issue(person.id, request, idempotencyKey);
  }

  @Get(':keyId/activity')
  async activity(@SignedIn() person: Person, @Param() { keyId }: KeyParams): Promise<KeyActivity> {
    await this.keyOwner.ensure(person);
    return this.manage.activity(keyId, { ownerId: person.id });
  }

  @Post(':keyId/revoke')
  @HttpCode(200)
  async revoke(
    @SignedIn() person: Person,
    @Param() { keyId }: KeyParams,
    @Body() { reason }: RevokeKeyBody,
  ): Promise<Revocation> {
    await this.keyOwner.ensure(person);
    const why = reason == null || reason.trim() === '' ? {} : { reason };
    return this.manage.revoke(keyId, { ownerId: person.id, actor: person.id, ...why });
  }

  @Post(':keyId/expire')
  @HttpCode(200)
  async expire(
    @SignedIn() person: Person,
    @Param() { keyId }: KeyParams,
    @Body() { expiresAt }: ExpireKeyBody,
  ): Promise<Expiry> {
    await this.keyOwner.ensure(person);
    return this.manage.expire(keyId, { expiresAt, ownerId: person.id, actor: person.id });
  }

  @Post('check')
  @HttpCode(200)
  async check(
    @SignedIn() person: Person,
    @Body() { token }: CheckKeyBody,
    @Ip() address: string,
  ): Promise<KeyCheck> {
    await this.keyOwner.ensure(person);
    return this.checkKey.execute(person, token, address);
  }
}
