import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import type { Owner, OwnerList } from '#libs/keys-contract';
import type { OwnerEntity } from '../database/owner.entity.js';
import { FindOwners } from '../owners/find-owners.js';
import { PutOwner } from '../owners/put-owner.js';
import { SuspendOwner } from '../owners/suspend-owner.js';
import { KeysProblem } from './keys-problem.js';
import { FindOwnersQuery, OwnerParams, PutOwnerBody, SuspendOwnerBody } from './requests.js';

@Controller('owners')
export class OwnersController {
  constructor(
    private readonly putOwner: PutOwner,
    private readonly findOwners: FindOwners,
    private readonly suspendOwner: SuspendOwner,
  ) {}

  @Put(':ownerId')
  async put(@Param() { ownerId }: OwnerParams, @Body() { actor, ...facts }: PutOwnerBody): Promise<Owner> {
    return viewOf(await this.putOwner.execute({ id: ownerId, ...facts }, actor));
  }

  @Get(':ownerId')
  async get(@Param() { ownerId }: OwnerParams): Promise<Owner> {
    return viewOf(await this.findOwners.byId(ownerId));
  }

  @Get()
  async find(@Query() { email }: FindOwnersQuery): Promise<OwnerList> {
    const owners = await this.findOwners.byEmail(email);
    return { owners: owners.map(viewOf) };
  }

  @Post(':ownerId/suspend')
  @HttpCode(200)
  async suspend(@Param() { ownerId }: OwnerParams, @Body() { actor }: SuspendOwnerBody): Promise<Owner> {
    return viewOf(await this.suspendOwner.suspend(ownerId, actor));
  }

  @Post(':ownerId/resume')
  @HttpCode(200)
  async resume(@Param() { ownerId }: OwnerParams, @Body() { actor }: SuspendOwnerBody): Promise<Owner> {
    return viewOf(await this.suspendOwner.resume(ownerId, actor));
  }
}

function viewOf(owner: OwnerEntity | null): Owner {
  if (owner === null)
    throw new KeysProblem('not_found', 'There is no owner with that ID. Create one with PUT /owners/:id.');
  const { id, email, isEmailVerified, emailSource, role, tier, suspendedAt, createdAt } = owner;
  return {
    id,
    email,
    emailVerified: isEmailVerified,
    emailSource,
    role,
    tier,
    suspendedAt: suspendedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}
