import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  Param,
  Patch,
  Post,
  Query,
  Req,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import {
  type Webhook,
  type WebhookList,
  type WebhookWithSecret,
  webhookListSchema,
  webhookSchema,
  webhookWithSecretSchema,
} from '#libs/keys-contract';
import { CreateWebhook } from '../webhooks/create-webhook.js';
import { FindWebhooks } from '../webhooks/find-webhooks.js';
import { RemoveWebhook } from '../webhooks/remove-webhook.js';
import { RotateWebhookSecret } from '../webhooks/rotate-webhook-secret.js';
import { UpdateWebhook } from '../webhooks/update-webhook.js';
import type { WebhookEndpointEntity } from '../webhooks/webhook-endpoint.entity.js';
import { WebhookSigner } from '../webhooks/webhook-signer.js';
import { webhookViewOf } from '../webhooks/webhook-view.js';
import { ApiRoute } from './api-route.js';
import { originOf } from './origin-of.js';
import { notSetUp, tooManyWebhooks, unknownWebhook, urlRefused } from './webhook-problems.js';
import {
  ActOnWebhookBody,
  CreateWebhookBody,
  RemoveWebhookQuery,
  UpdateWebhookBody,
  WebhookParams,
} from './webhook-requests.js';

/** Where events are sent. */
@Controller('webhooks')
export class WebhooksController {
  constructor(
    private readonly createWebhook: CreateWebhook,
    private readonly findWebhooks: FindWebhooks,
    private readonly updateWebhook: UpdateWebhook,
    private readonly removeWebhook: RemoveWebhook,
    private readonly rotateWebhookSecret: RotateWebhookSecret,
    private readonly signer: WebhookSigner,
  ) {}

  @Post()
  @Header('cache-control', 'no-store')
  @ApiRoute({
    id: 'webhooks_create',
    summary: 'Send events to a URL; the secret of their signatures is shown once',
    answer: webhookWithSecretSchema,
    problems: ['webhooks_not_set_up', 'too_many_webhooks'],
  })
  async create(@Body() body: CreateWebhookBody, @Req() req: FastifyRequest): Promise<WebhookWithSecret> {
    const { url, description = null, events, enabled } = body;
    const created = await this.createWebhook.execute({
      url,
      description,
      events,
      enabled,
      origin: originOf(req, body),
    });
    switch (created.outcome) {
      case 'created':
        return { webhook: this.#view(created.webhook), secret: created.secret };
      case 'not_set_up':
        throw notSetUp();
      case 'too_many':
        throw tooManyWebhooks();
      case 'url_refused':
        throw urlRefused(created.problem);
    }
  }

  @Get()
  @ApiRoute({ id: 'webhooks_list', summary: 'List all webhooks, oldest first', answer: webhookListSchema })
  async list(): Promise<WebhookList> {
    return { webhooks: (await this.findWebhooks.all()).map((webhook) => this.#view(webhook)) };
  }

  @Get(':webhookId')
  @ApiRoute({
    id: 'webhooks_get',
    summary: 'Show a webhook',
    answer: webhookSchema,
    problems: ['not_found'],
  })
  async get(@Param() { webhookId }: WebhookParams): Promise<Webhook> {
    return this.#viewOrThrow(await this.findWebhooks.one(webhookId));
  }

  @Patch(':webhookId')
  @ApiRoute({
    id: 'webhooks_update',
    summary: 'Change where events are sent, and which',
    answer: webhookSchema,
    problems: ['not_found'],
  })
  async update(
    @Param() { webhookId }: WebhookParams,
    @Body() body: UpdateWebhookBody,
    @Req() req: FastifyRequest,
  ): Promise<Webhook> {
    const { url, description, events, enabled } = body;
    const changes = { url, description, events, enabled };
    const updated = await this.updateWebhook.execute(webhookId, changes, originOf(req, body));
    switch (updated.outcome) {
      case 'updated':
        return this.#view(updated.webhook);
      case 'unknown':
        throw unknownWebhook();
      case 'url_refused':
        throw urlRefused(updated.problem);
    }
  }

  @Delete(':webhookId')
  @ApiRoute({
    id: 'webhooks_remove',
    summary: 'Remove a webhook; what waits to be sent to it fails',
    answer: webhookSchema,
    problems: ['not_found'],
  })
  async remove(
    @Param() { webhookId }: WebhookParams,
    @Query() query: RemoveWebhookQuery,
    @Req() req: FastifyRequest,
  ): Promise<Webhook> {
    return this.#viewOrThrow(await this.removeWebhook.execute(webhookId, originOf(req, query)));
  }

  @Post(':webhookId/rotate-secret')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiRoute({
    id: 'webhooks_rotate_secret',
    summary: 'Give a webhook a new secret, which is shown once; the old one signs for 24 more hours',
    answer: webhookWithSecretSchema,
    problems: ['not_found', 'webhooks_not_set_up'],
  })
  async rotateSecret(
    @Param() { webhookId }: WebhookParams,
    @Body() body: ActOnWebhookBody,
    @Req() req: FastifyRequest,
  ): Promise<WebhookWithSecret> {
    const rotated = await this.rotateWebhookSecret.execute(webhookId, originOf(req, body));
    switch (rotated.outcome) {
      case 'rotated':
        return { webhook: this.#view(rotated.webhook), secret: rotated.secret };
      case 'not_set_up':
        throw notSetUp();
      case 'unknown':
        throw unknownWebhook();
    }
  }

  #viewOrThrow(webhook: WebhookEndpointEntity | null): Webhook {
    if (webhook === null) throw unknownWebhook();
    return this.#view(webhook);
  }

  #view(webhook: WebhookEndpointEntity): Webhook {
    return webhookViewOf(webhook, this.signer);
  }
}
