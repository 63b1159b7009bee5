import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import {
  type WebhookDelivery,
  type WebhookDeliveryPage,
  webhookDeliveryPageSchema,
  webhookDeliverySchema,
} from '#libs/keys-contract';
import { FindWebhooks } from '../webhooks/find-webhooks.js';
import { ListWebhookDeliveries } from '../webhooks/list-webhook-deliveries.js';
import { ReplayWebhookDelivery } from '../webhooks/replay-webhook-delivery.js';
import { TestWebhook } from '../webhooks/test-webhook.js';
import { ApiRoute } from './api-route.js';
import { originOf } from './origin-of.js';
import { unknownDelivery, unknownWebhook, webhookDisabled } from './webhook-problems.js';
import { ActOnWebhookBody, DeliveryParams, ListDeliveriesQuery, WebhookParams } from './webhook-requests.js';

/** Events on their way to a webhook. */
@Controller('webhooks/:webhookId')
export class WebhookDeliveriesController {
  constructor(
    private readonly findWebhooks: FindWebhooks,
    private readonly listDeliveries: ListWebhookDeliveries,
    private readonly testWebhook: TestWebhook,
    private readonly replayDelivery: ReplayWebhookDelivery,
  ) {}

  @Get('deliveries')
  @ApiRoute({
    id: 'webhooks_deliveries',
    summary: 'List what was sent to a webhook, and what waits to be, newest first',
    answer: webhookDeliveryPageSchema,
    problems: ['not_found'],
  })
  async list(
    @Param() { webhookId }: WebhookParams,
    @Query() { state, limit, cursor }: ListDeliveriesQuery,
  ): Promise<WebhookDeliveryPage> {
    if ((await this.findWebhooks.one(webhookId)) === null) throw unknownWebhook();
    const { items, nextCursor } = await this.listDeliveries.execute(webhookId, { state, limit, cursor });
    return { deliveries: items, nextCursor };
  }

  @Post('test')
  @HttpCode(202)
  @ApiRoute({
    id: 'webhooks_test',
    summary: 'Send a test event to a webhook',
    answer: webhookDeliverySchema,
    problems: ['not_found', 'webhook_disabled'],
  })
  async test(
    @Param() { webhookId }: WebhookParams,
    @Body() body: ActOnWebhookBody,
    @Req() req: FastifyRequest,
  ): Promise<WebhookDelivery> {
    const tested = await this.testWebhook.execute(webhookId, originOf(req, body));
    switch (tested.outcome) {
      case 'queued':
        return tested.delivery;
      case 'unknown':
        throw unknownWebhook();
      case 'disabled':
        throw webhookDisabled();
    }
  }

  @Post('deliveries/:deliveryId/replay')
  @HttpCode(202)
  @ApiRoute({
    id: 'webhooks_replay',
    summary: 'Send an event again, with the same webhook-id',
    answer: webhookDeliverySchema,
    problems: ['not_found', 'webhook_disabled'],
  })
  async replay(@Param() { webhookId, deliveryId }: DeliveryParams): Promise<WebhookDelivery> {
    const replayed = await this.replayDelivery.execute(webhookId, deliveryId);
    switch (replayed.outcome) {
      case 'queued':
        return replayed.delivery;
      case 'unknown':
        throw unknownWebhook();
      case 'unknown_delivery':
        throw unknownDelivery();
      case 'disabled':
        throw webhookDisabled();
    }
  }
}
