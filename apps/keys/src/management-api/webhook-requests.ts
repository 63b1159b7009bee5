import {
  Bool,
  Field,
  Id,
  Integer,
  NormalizedLine,
  NumberAsText,
  OneOf,
  Optional,
  OptionalOrNull,
} from '#libs/fields';
import {
  DELIVERY_STATES,
  type DeliveryFilter,
  type DeliveryState,
  MAX_WEBHOOK_DESCRIPTION,
  MAX_WEBHOOK_URL,
  WEBHOOK_EVENTS,
  type WebhookChangeRequest,
  type WebhookEvent,
  type WebhookRequest,
} from '#libs/keys-contract';
import { IsCursor } from './fields.js';
import { Asked, MAX_PAGE } from './requests.js';

/** The URL of a webhook; whether it is one that may be used, `WebhookUrlRule` says. */
function IsWebhookUrl(): PropertyDecorator {
  return Field({
    schema: { type: 'string', minLength: 1, maxLength: MAX_WEBHOOK_URL },
    sentence: `URL must have 1 to ${MAX_WEBHOOK_URL} characters, such as https://hooks.example.com/keys.`,
    test: (value) => typeof value === 'string' && value !== '' && value.length <= MAX_WEBHOOK_URL,
  });
}

const EVENTS = Object.keys(WEBHOOK_EVENTS);

function IsWebhookEvents(): PropertyDecorator {
  return Field({
    schema: { type: 'array', maxItems: EVENTS.length, items: { type: 'string', enum: EVENTS } },
    sentence: `Events must be a list of ${EVENTS.join(', ')}, or an empty list for all of them.`,
    test: (value) =>
      Array.isArray(value) &&
      value.length <= EVENTS.length &&
      value.every((event) => EVENTS.some((known) => known === event)),
  });
}

export class WebhookParams {
  /** `we_` and 22 characters. */
  @Id('Webhook ID')
  webhookId!: string;
}

export class DeliveryParams extends WebhookParams {
  @Id('Delivery ID')
  deliveryId!: string;
}

export class CreateWebhookBody extends Asked implements WebhookRequest {
  @IsWebhookUrl()
  url!: string;

  @OptionalOrNull()
  @NormalizedLine('Description', { max: MAX_WEBHOOK_DESCRIPTION })
  description?: string | null;

  @Optional()
  @IsWebhookEvents()
  events: WebhookEvent[] = [];

  @Optional()
  @Bool('enabled')
  enabled = true;
}

export class UpdateWebhookBody extends Asked implements WebhookChangeRequest {
  @Optional()
  @IsWebhookUrl()
  url?: string;

  @OptionalOrNull()
  @NormalizedLine('Description', { max: MAX_WEBHOOK_DESCRIPTION })
  description?: string | null;

  @Optional()
  @IsWebhookEvents()
  events?: WebhookEvent[];

  @Optional()
  @Bool('enabled')
  enabled?: boolean;
}

export class ActOnWebhookBody extends Asked {}

/** In the query, since a DELETE has no body (RFC 9110 section 9.3.5). */
export class RemoveWebhookQuery extends Asked {}

export class ListDeliveriesQuery implements DeliveryFilter {
  @Optional()
  @OneOf('State', DELIVERY_STATES)
  state?: DeliveryState;

  @Optional()
  @NumberAsText()
  @Integer('Limit', { min: 1, max: MAX_PAGE })
  limit = 100;

  @Optional()
  @IsCursor((text) => /^[1-9][0-9]{0,17}$/.test(text))
  cursor?: string;
}
