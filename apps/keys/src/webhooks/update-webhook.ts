import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Origin } from '../audit/origin.js';
import { recordEvent } from '../audit/record-event.js';
import { WebhookEndpointEntity } from './webhook-endpoint.entity.js';
import { type ReadUrl, WebhookUrlRule, placeOf } from './webhook-url.js';

/** What changes of a webhook; the rest stays. */
export interface WebhookChanges {
  readonly url?: string | undefined;
  readonly description?: string | null | undefined;
  readonly events?: readonly string[] | undefined;
  readonly enabled?: boolean | undefined;
}

export type WebhookUpdated =
  | { readonly outcome: 'updated'; readonly webhook: WebhookEndpointEntity }
  | { readonly outcome: 'unknown' }
  | Extract<ReadUrl, { readonly outcome: 'url_refused' }>;

@Injectable()
export class UpdateWebhook {
  constructor(
    private readonly database: DataSource,
    private readonly urlRule: WebhookUrlRule,
  ) {}

  /** Changes a webhook. One that is enabled again gets the events from then on, and counts as working. */
  async execute(id: string, given: WebhookChanges, origin: Origin): Promise<WebhookUpdated> {
    const read = given.url === undefined ? undefined : this.urlRule.read(given.url);
    if (read?.outcome === 'url_refused') return read;
    return this.database.transaction(async (manager) => {
      const before = await manager.findOne(WebhookEndpointEntity, {
        where: { id },
        lock: { mode: 'for_no_key_update' },
      });
      if (before === null) return { outcome: 'unknown' };
      const { description = before.description, events = before.events, enabled = before.enabled } = given;
      const after = { url: read?.url ?? before.url, description, events: [...events], enabled };
      const changes = changed(before, after);
      if (Object.keys(changes).length > 0) {
        const isEnabledAgain = enabled && !before.enabled;
        await manager.update(
          WebhookEndpointEntity,
          { id },
          { ...after, ...(isEnabledAgain && { disabledReason: null, failingSince: null }) },
        );
        const details = { webhookId: id, ...changes };
        await recordEvent(manager, { action: 'webhook.changed', origin, details });
      }
      return { outcome: 'updated', webhook: await manager.findOneByOrFail(WebhookEndpointEntity, { id }) };
    });
  }
}

type Changeable = Pick<WebhookEndpointEntity, 'url' | 'description' | 'events' | 'enabled'>;

/** What the audit log says about the change: of a URL, only where it leads. */
function changed(before: Changeable, { url, ...after }: Changeable): object {
  const others = Object.entries(after).filter(
    ([name, value]) => !isDeepStrictEqual(value, new Map<string, unknown>(Object.entries(before)).get(name)),
  );
  return { ...(url !== before.url && { to: placeOf(url) }), ...Object.fromEntries(others) };
}
