import { Body, Controller, Get, HttpCode, Param, Post, Put, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { type Owner, type OwnerPage, ownerPageSchema, ownerSchema } from '#libs/keys-contract';
import type { OwnerEntity } from '../database/owner.entity.js';
import { FindOwner } from '../owners/find-owner.js';
import { ListOwners } from '../owners/list-owners.js';
import { PutOwner } from '../owners/put-owner.js';
import { SuspendOwner } from '../owners/suspend-owner.js';
import { ApiRoute } from './api-route.js';
import { KeysProblem } from './keys-problem.js';
import { originOf } from './origin-of.js';
import { ListOwnersQuery, OwnerParams, PutOwnerBody, SuspendOwnerBody } from './requests.js';

/** How many owners of an address are on a page by default: all, for clients of version 0.1.0, which know no pages. */
const OWNERS_OF_ADDRESS = 1000;

@Controller('owners')
export class OwnersController {
  constructor(
    private readonly putOwner: PutOwner,
    private readonly findOwner: FindOwner,
    private readonly listOwners: ListOwners,
    private readonly suspendOwner: SuspendOwner,
  ) {}

  @Put(':ownerId')
  @ApiRoute({ id: 'owners_put', summary: 'Create or update an owner', answer: ownerSchema })
  async put(
    @Param() { ownerId }: OwnerParams,
    @Body() body: PutOwnerBody,
    @Req() req: FastifyRequest,
  ): Promise<Owner> {
    const { actor, address, ...facts } = body;
    const origin = originOf(req, { actor, address });
    return viewOf(await this.putOwner.execute({ id: ownerId, ...facts }, origin));
  }

  @Get(':ownerId')
  @ApiRoute({ id: 'owners_get', summary: 'Show an owner', answer: ownerSchema, problems: ['not_found'] })
  async get(@Param() { ownerId }: OwnerParams): Promise<Owner> {
    return viewOf(await this.findOwner.execute(ownerId));
  }

  @Get()
  @ApiRoute({ id: 'owners_list', summary: 'List owners, by ID', answer: ownerPageSchema })
  async list(@Query() { email, search, suspended, limit, cursor }: ListOwnersQuery): Promise<OwnerPage> {
    const { items, nextCursor } = await this.listOwners.execute({
      email,
      search,
      suspended,
      limit: limit ?? (email === undefined ? 100 : OWNERS_OF_ADDRESS),
      cursor,
    });
    return { owners: items.map(viewOf), nextCursor };
  }

  @Post(':ownerId/suspend')
  @HttpCode(200)
  @ApiRoute({
    id: 'owners_suspend',
    summary: 'Refuse all keys of an owner at every gateway',
    answer: ownerSchema,
    problems: ['not_found'],
  })
  async suspend(
    @Param() { ownerId }: OwnerParams,
    @Body() body: SuspendOwnerBody,
    @Req() req: FastifyRequest,
  ): Promise<Owner> {
    return viewOf(await this.suspendOwner.suspend(ownerId, originOf(req, body)));
  }

  @Post(':ownerId/resume')
  @HttpCode(200)
  @ApiRoute({
    id: 'owners_resume',
    summary: 'Accept the keys of a suspended owner again',
    answer: ownerSchema,
    problems: ['not_found'],
  })
  async resume(
    @Param() { ownerId }: OwnerParams,
    @Body() body: SuspendOwnerBody,
    @Req() req: FastifyRequest,
  ): Promise<Owner> {
    return viewOf(await this.suspendOwner.resume(ownerId, originOf(req, body)));
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
