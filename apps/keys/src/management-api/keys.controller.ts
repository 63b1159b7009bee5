import { Body, Controller, Get, Header, Headers, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { KeyFormat, findKeyId } from '#libs/key-format';
import {
  type AlreadyIssued,
  type IssuedKey,
  type Key,
  type KeyPage,
  issuedKeySchema,
  keyPageSchema,
  keySchema,
} from '#libs/keys-contract';
import { retryAfter } from '#libs/problems';
import type { ApiKeyEntity } from '../database/api-key.entity.js';
import { FindKey } from '../keys/find-key.js';
import { IssueKey, type Issued } from '../keys/issue-key.js';
import { viewOf } from '../keys/key-view.js';
import { ListKeys } from '../keys/list-keys.js';
import { ApiRoute } from './api-route.js';
import { IDEMPOTENCY_KEY_SHAPE } from './fields.js';
import { parseKeyId, unknownKey } from './key-in-path.js';
import { KeysProblem } from './keys-problem.js';
import { originOf } from './origin-of.js';
import { IssueKeyBody, KeyParams, ListKeysQuery, OwnerParams, SearchKeysQuery } from './requests.js';

@Controller()
export class KeysController {
  constructor(
    private readonly issueKey: IssueKey,
    private readonly listKeys: ListKeys,
    private readonly findKey: FindKey,
    private readonly format: KeyFormat,
  ) {}

  @Post('owners/:ownerId/keys')
  @Header('cache-control', 'no-store')
  @ApiRoute({
    id: 'keys_issue',
    summary: 'Create a key, whose text is shown once',
    answer: issuedKeySchema,
    problems: ['not_found', 'already_issued', 'owner_suspended', 'too_many_keys', 'idempotency_key_reused'],
  })
  async issue(
    @Param() { ownerId }: OwnerParams,
    @Body() body: IssueKeyBody,
    @Req() req: FastifyRequest,
    @Headers('idempotency-key') idempotencyKey?: string,
  ): Promise<IssuedKey> {
    if (idempotencyKey !== undefined && !IDEMPOTENCY_KEY_SHAPE.test(idempotencyKey)) {
      throw new KeysProblem(
        'invalid_request',
        'Idempotency-Key must be 1 to 200 printable ASCII characters without spaces.',
      );
    }
    const { name, capabilities, expiresAt, replaces, rateLimitPerMinute, allowedIps } = body;
    const issued = await this.issueKey.execute({
      ownerId,
      name,
      capabilities,
      expiresAt: expiresAt == null ? expiresAt : new Date(expiresAt),
      replaces: (replaces == null ? undefined : findKeyId(replaces)) ?? null,
      rateLimitPerMinute: rateLimitPerMinute ?? null,
      allowedIps,
      origin: originOf(req, body),
      idempotencyKey: idempotencyKey ?? null,
    });
    return this.#answer(issued);
  }

  @Get('owners/:ownerId/keys')
  @ApiRoute({ id: 'keys_list', summary: 'List the keys of an owner, newest first', answer: keyPageSchema })
  list(@Param() { ownerId }: OwnerParams, @Query() query: ListKeysQuery): Promise<KeyPage> {
    return this.#list(ownerId, query);
  }

  @Get('keys')
  @ApiRoute({
    id: 'keys_search',
    summary: 'List the keys of all owners, newest first',
    answer: keyPageSchema,
  })
  search(@Query() query: SearchKeysQuery): Promise<KeyPage> {
    return this.#list(query.ownerId, query);
  }

  @Get('keys/:keyId')
  @ApiRoute({ id: 'keys_get', summary: 'Show a key', answer: keySchema, problems: ['not_found'] })
  async get(@Param() { keyId }: KeyParams): Promise<Key> {
    const key = await this.findKey.execute(parseKeyId(keyId));
    if (key === null) throw unknownKey();
    return this.#view(key);
  }

  async #list(
    ownerId: string | undefined,
    { state, capability, limit, cursor }: ListKeysQuery,
  ): Promise<KeyPage> {
    const { items, nextCursor } = await this.listKeys.execute({
      ownerId,
      state,
      capability,
      limit,
      cursor: cursor === undefined ? undefined : findKeyId(cursor),
    });
    return { keys: items.map((key) => this.#view(key)), nextCursor };
  }

  #answer(issued: Issued): IssuedKey {
    switch (issued.outcome) {
      case 'issued':
        return { key: this.#view(issued.key), token: issued.token };
      case 'repeated':
        throw new KeysProblem(
          'already_issued',
          'A request with this Idempotency-Key already created a key, and its plaintext is not shown twice. Use that key, or revoke it and create another.',
          { extensions: { key: this.#view(issued.key) } satisfies Pick<AlreadyIssued, 'key'> },
        );
      case 'reused':
        throw new KeysProblem(
          'idempotency_key_reused',
          'This Idempotency-Key belongs to a request for another key. Send a new one.',
        );
      case 'queue_full':
        throw new KeysProblem(
          'unavailable',
          'Too many keys are being created right now. Try again in a second.',
          { headers: retryAfter(1), reason: 'bcrypt_queue_full' },
        );
      case 'owner_unknown':
        throw new KeysProblem(
          'not_found',
          'There is no owner with that ID. Create one with PUT /owners/:id.',
        );
      case 'capabilities_refused':
        throw new KeysProblem('invalid_request', issued.problem, {
          extensions: { errors: [{ pointer: '/capabilities', detail: issued.problem }] },
        });
      case 'owner_suspended':
        throw new KeysProblem('owner_suspended', 'The owner is suspended. Resume them before making keys.');
      case 'too_many_keys':
        throw new KeysProblem(
          'too_many_keys',
          `This owner has ${issued.max} active keys, as many as are allowed. Revoke one that is not needed first.`,
        );
      case 'replaces_unknown':
        throw new KeysProblem('invalid_request', 'The key to replace does not belong to this owner.');
      case 'expires_in_past':
        throw new KeysProblem(
          'invalid_request',
          'Expiry must be in the future. Choose a later one, or none.',
        );
      case 'expires_too_late': {
        const detail = `Keys may live for at most ${daysText(issued.maxDays)} here. Choose an earlier expiry.`;
        throw new KeysProblem('invalid_request', detail, {
          extensions: { errors: [{ pointer: '/expiresAt', detail }] },
        });
      }
    }
  }

  #view(key: ApiKeyEntity): Key {
    return viewOf(key, this.format);
  }
}

function daysText(days: number): string {
  return days === 1 ? '1 day' : `${days} days`;
}
