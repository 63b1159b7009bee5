import { Injectable, Logger } from '@nestjs/common';
import { z } from 'zod';
import { KeyFormat, isKeyId } from '#libs/key-format';
import type { Delivery, DeliveryChannel, Sent } from '../deliveries/delivery.js';
import { type EndpointState, EndpointStates } from './endpoint-states.js';
import { PostWebhook } from './post-webhook.js';
import { WEBHOOK_CHANNEL } from './webhook-channel-name.js';
import { webhookEventSchema } from './webhook-event.js';
import { webhookOutcome } from './webhook-outcome.js';
import { WebhookSigner } from './webhook-signer.js';
import { placeOf } from './webhook-url.js';

/** Sends events to webhooks, by Standard Webhooks 1.0.0. */
@Injectable()
export class WebhookChannel implements DeliveryChannel {
  readonly name = WEBHOOK_CHANNEL;
  readonly #logger = new Logger(WebhookChannel.name);

  constructor(
    private readonly states: EndpointStates,
    private readonly signer: WebhookSigner,
    private readonly post: PostWebhook,
    private readonly format: KeyFormat,
  ) {}

  async send({ destination: id, message }: Delivery, signal: AbortSignal): Promise<Sent> {
    const state = await this.states.read(id);
    if (state === undefined) return { outcome: 'failed', reason: 'the webhook was removed' };
    if (!state.enabled) return { outcome: 'failed', reason: 'the webhook is disabled' };
    if (!this.signer.isSetUp) return { outcome: 'unavailable', reason: 'WEBHOOK_SECRET is not set' };
    const { url } = state;
    const outcome = webhookOutcome(
      await this.post.execute(url, ...this.#request(id, state, message), signal),
    );
    // The receiver is not to blame, and another replica goes on.
    if (signal.aborted) return { outcome: 'retry', reason: 'the keys service stopped meanwhile' };
    if (outcome.outcome === 'delivered') {
      if (state.isFailing && (await this.states.endFailing(id)))
        this.#logger.log({ webhookId: id, to: placeOf(url), msg: 'a webhook takes events again' });
      return outcome;
    }
    const { reason } = outcome;
    if (outcome.outcome === 'gone') {
      if (await this.states.disable(id, url, reason))
        this.#logger.warn({ webhookId: id, to: placeOf(url), msg: `a webhook was disabled: ${reason}` });
      return { outcome: 'failed', reason };
    }
    if (!state.isFailing && (await this.states.beginFailing(id)))
      this.#logger.warn({ webhookId: id, to: placeOf(url), msg: `a webhook takes no events: ${reason}` });
    return outcome;
  }

  #request(
    webhookId: string,
    { versions, now }: EndpointState,
    message: unknown,
  ): [Readonly<Record<string, string>>, string] {
    const { id, ...event } = webhookEventSchema.parse(message);
    const body = JSON.stringify({ ...event, data: this.#withPublicPart(event.data) });
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'le-bureau-webhooks',
      'webhook-id': id,
      'webhook-timestamp': String(now),
      'webhook-signature': this.signer.sign(webhookId, versions, { id, timestamp: now, body }),
    };
    return [headers, body];
  }

  /** The prefix of keys is a setting, which is not where the event was made. */
  #withPublicPart(data: object): object {
    const { success, data: about } = aboutKey.safeParse(data);
    if (!success || !isKeyId(about.key.id)) return data;
    const { id, ...others } = about.key;
    return { ...about, key: { id, publicPart: this.format.publicPart(id), ...others } };
  }
}

const aboutKey = z.looseObject({ key: z.looseObject({ id: z.string() }) });
