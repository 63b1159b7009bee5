import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { DeliveryChannels } from './delivery.js';
import { DeliveryQueue, type Settled } from './delivery-queue.js';

/** Metrics of webhooks and emails. */
@Injectable()
export class DeliveryMetrics {
  readonly #attempts: Counter<'channel' | 'outcome'>;

  constructor(registry: Registry, queue: DeliveryQueue, { all }: DeliveryChannels) {
    const registers = [registry];
    this.#attempts = new Counter({
      name: 'keys_delivery_attempts_total',
      help: 'Attempts to deliver webhooks and emails, by outcome; failed: given up.',
      labelNames: ['channel', 'outcome'],
      registers,
    });
    new Gauge({
      name: 'keys_deliveries_waiting',
      help: 'Webhooks and emails that have not arrived yet; NaN while the database is unavailable.',
      labelNames: ['channel'],
      registers,
      async collect() {
        const waiting = await queue.count().catch(() => undefined);
        for (const { name } of all)
          this.set({ channel: name }, waiting === undefined ? NaN : (waiting.get(name) ?? 0));
      },
    });
  }

  /** An attempt has ended. */
  settled(channel: string, outcome: Settled): void {
    this.#attempts.inc({ channel, outcome });
  }
}
