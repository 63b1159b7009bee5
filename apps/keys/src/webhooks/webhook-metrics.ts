import { Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { byLabel, registerGauge } from '#libs/service';
import { WEBHOOK_CHANNEL } from './webhook-channel-name.js';

const SQL = `
  SELECT count(*) FILTER (WHERE enabled AND failing_since IS NULL)::integer AS working,
         count(*) FILTER (WHERE enabled AND failing_since IS NOT NULL)::integer AS failing,
         count(*) FILTER (WHERE NOT enabled)::integer AS disabled
    FROM webhook_endpoints`;

const OLDEST = `
  SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 AS seconds FROM deliveries
   WHERE channel = '${WEBHOOK_CHANNEL}' AND delivered_at IS NULL AND failed_at IS NULL`;

const states = z.tuple([z.object({ working: z.number(), failing: z.number(), disabled: z.number() })]);
const oldest = z.tuple([z.object({ seconds: z.number() })]);
const UNKNOWN = { working: NaN, failing: NaN, disabled: NaN };

/** Metrics of webhooks, besides those of all deliveries. */
@Injectable()
export class WebhookMetrics {
  constructor(registry: Registry, database: DataSource) {
    registerGauge(registry, {
      name: 'keys_webhooks',
      help: 'Webhooks by state: working, failing, disabled; NaN while the database is unavailable.',
      labels: ['state'],
      read: async () => {
        const found = await database.query<unknown>(SQL).then(
          (rows) => states.parse(rows)[0],
          () => UNKNOWN,
        );
        return byLabel('state', found);
      },
    });
    registerGauge(registry, {
      name: 'keys_webhook_oldest_waiting_seconds',
      help: 'The age of the oldest event that waits to be sent to a webhook; 0: none waits; NaN while the database is unavailable.',
      read: () =>
        database.query<unknown>(OLDEST).then(
          (rows) => oldest.parse(rows)[0].seconds,
          () => NaN,
        ),
    });
  }
}
