import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { repeat, systemClock } from '#libs/clock';
import { errorMessage } from '#libs/postgres';
import { type Delivery, DeliveryChannels, type DeliveryChannel, MAX_SEND_MS, type Sent } from './delivery.js';
import { DeliveryMetrics } from './delivery-metrics.js';
import { DeliveryQueue } from './delivery-queue.js';

/** How often it looks for deliveries, in milliseconds. */
const EVERY_MS = 1000;

/** How long it waits for what is being sent when the service stops, in milliseconds. */
const FINISH_MS = 5000;

/** How often it deletes old deliveries, in milliseconds. */
const FORGET_EVERY_MS = 3_600_000;

/** Sends deliveries while the service runs. Replicas share the work. */
@Injectable()
export class DeliveryWorker implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(DeliveryWorker.name);
  readonly #channels: ReadonlyMap<string, DeliveryChannel>;
  readonly #stopping = new AbortController();
  readonly #giveUp = new AbortController();
  /** What is being sent, by destination. */
  readonly #busy = new Map<string, Promise<void>>();
  #running: Promise<unknown> = Promise.resolve();
  #ring: () => void = () => undefined;

  constructor(
    private readonly queue: DeliveryQueue,
    private readonly metrics: DeliveryMetrics,
    { all }: DeliveryChannels,
  ) {
    this.#channels = new Map(all.map((channel) => [channel.name, channel]));
  }

  onApplicationBootstrap(): void {
    const { signal } = this.#stopping;
    const sending = repeat(() => this.#sendDue(), {
      clock: systemClock,
      everyMs: EVERY_MS,
      signal,
      wake: (ring) => {
        this.#ring = ring;
        return () => undefined;
      },
      onOutage: (err) => this.#logger.error({ err, msg: 'webhooks and emails are not sent' }),
      onRecovery: () => this.#logger.log('webhooks and emails are sent again'),
    });
    const forgetting = repeat(() => this.queue.forget(), {
      clock: systemClock,
      everyMs: FORGET_EVERY_MS,
      signal,
      onOutage: (err) => this.#logger.error({ err, msg: 'old deliveries are not deleted' }),
    });
    this.#running = Promise.all([sending, forgetting]);
  }

  /** What is being sent may end; what does not is sent again by another replica, or after the next start. */
  async onModuleDestroy(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    const timer = setTimeout(() => this.#giveUp.abort(), FINISH_MS);
    await Promise.all(this.#busy.values());
    clearTimeout(timer);
  }

  async #sendDue(): Promise<void> {
    if (this.#channels.size === 0) return;
    const due = await this.queue.claim([...this.#channels.keys()], this.#busy.keys());
    for (const [place, batch] of byDestination(due)) {
      const sending = Promise.all(batch.map((delivery) => this.#send(delivery))).then(() => {
        this.#busy.delete(place);
        // The next ones may be due already.
        this.#ring();
      });
      this.#busy.set(place, sending);
    }
  }

  async #send(delivery: Delivery): Promise<void> {
    const sent = await this.#attempt(delivery);
    try {
      const settled = await this.queue.settle(delivery, sent);
      this.metrics.settled(delivery.channel, settled);
      if (settled === 'failed' && sent.outcome !== 'delivered') {
        const { channel, destination, subject } = delivery;
        this.#logger.warn({ channel, destination, subject, msg: `a delivery was given up: ${sent.reason}` });
      }
    } catch (err) {
      // It is sent once more later, which receivers must expect.
      this.#logger.error({ err, msg: 'what was sent could not be recorded' });
    }
  }

  /** A channel that throws, or takes too long, has a defect that must not keep deliveries from being tried again. */
  async #attempt(delivery: Delivery): Promise<Sent> {
    const signal = AbortSignal.any([this.#giveUp.signal, AbortSignal.timeout(MAX_SEND_MS)]);
    try {
      const channel = this.#channels.get(delivery.channel);
      if (channel === undefined) throw new Error(`there is no channel ${delivery.channel}`);
      return await channel.send(delivery, signal);
    } catch (err) {
      return { outcome: 'retry', reason: errorMessage(err) };
    }
  }
}

function byDestination(deliveries: readonly Delivery[]): Map<string, Delivery[]> {
  const batches = new Map<string, Delivery[]>();
  for (const delivery of deliveries) {
    const place = `${delivery.channel} ${delivery.destination}`;
    const batch = batches.get(place);
    if (batch === undefined) batches.set(place, [delivery]);
    else batch.push(delivery);
  }
  return batches;
}
