import { DataSource, IsNull, Not } from 'typeorm';
import { z } from 'zod';
import { keysItself } from '../audit/origin.js';
import { recordEvent } from '../audit/record-event.js';
import type { WallClock } from '../database/wall-clock.js';
import { WebhookEndpointEntity } from './webhook-endpoint.entity.js';
import { placeOf } from './webhook-url.js';

/** What sending needs to know of a webhook. */
export interface EndpointState {
  readonly url: string;
  readonly enabled: boolean;
  readonly isFailing: boolean;
  /** The versions of its secret that sign at the moment. */
  readonly versions: readonly number[];
  /** Seconds since 1970. */
  readonly now: number;
}

/** How long the secret from before a rotation signs as well, in hours. */
const OVERLAP_HOURS = 24;

const NOW = 'coalesce($2::timestamptz, clock_timestamp())';

const READ = `
  SELECT url, enabled, failing_since IS NOT NULL AS "isFailing", extract(epoch FROM ${NOW})::float8 AS now,
         CASE WHEN secret_rotated_at > ${NOW} - interval '${OVERLAP_HOURS} hours'
              THEN ARRAY[secret_version, secret_version - 1] ELSE ARRAY[secret_version] END AS versions
    FROM webhook_endpoints WHERE id = $1`;

const states = z.array(
  z.object({
    url: z.string(),
    enabled: z.boolean(),
    isFailing: z.boolean(),
    versions: z.array(z.int()),
    now: z.number().transform(Math.floor),
  }),
);

/** What is known of webhooks as they are sent to. Each change is made, and true is returned, by one replica alone. */
export class EndpointStates {
  constructor(
    private readonly database: DataSource,
    private readonly clock: WallClock,
  ) {}

  /** Undefined if there is no such webhook. */
  async read(id: string): Promise<EndpointState | undefined> {
    const [state] = states.parse(await this.database.query(READ, [id, this.clock()]));
    return state;
  }

  /** Notes that it fails from now on. */
  async beginFailing(id: string): Promise<boolean> {
    const { affected } = await this.database
      .getRepository(WebhookEndpointEntity)
      .update({ id, failingSince: IsNull() }, { failingSince: () => 'clock_timestamp()' });
    return affected === 1;
  }

  /** Notes that it works again. */
  async endFailing(id: string): Promise<boolean> {
    const { affected } = await this.database
      .getRepository(WebhookEndpointEntity)
      .update({ id, failingSince: Not(IsNull()) }, { failingSince: null });
    return affected === 1;
  }

  /** Disables it, since its receiver has asked for that. */
  async disable(id: string, url: string, reason: string): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const { affected } = await manager.update(
        WebhookEndpointEntity,
        { id, enabled: true },
        { enabled: false, disabledReason: reason },
      );
      if (affected !== 1) return false;
      const details = { webhookId: id, to: placeOf(url), reason };
      await recordEvent(manager, { action: 'webhook.disabled', origin: keysItself, details });
      return true;
    });
  }
}
