import type * as z from 'zod/mini';
import { findPastedKeyId } from '#libs/key-format';
import {
  type ActivityFilter,
  type CatalogueView,
  type AuditEventFilter,
  type AuditEventPage,
  type ChangeRequest,
  type DeliveryFilter,
  type ExposureFilter,
  type ExpireRequest,
  type Pause,
  type PauseRequest,
  type PersonEvent,
  type RecordedEvent,
  type Expiry,
  type IssueRequest,
  type IssuedKey,
  type Key,
  type KeyActivity,
  type KeyExposures,
  type KeyFilter,
  type KeyPage,
  type KeySearch,
  type KeyUsage,
  type Owner,
  type OwnerFilter,
  type OwnerPage,
  type OwnerRequest,
  type Revocation,
  type RevokeRequest,
  type UsageFilter,
  type Webhook,
  type WebhookChangeRequest,
  type WebhookDelivery,
  type WebhookDeliveryPage,
  type WebhookList,
  type WebhookRequest,
  type WebhookWithSecret,
  catalogueSchema,
  auditEventPageSchema,
  expirySchema,
  pauseSchema,
  issuedKeySchema,
  keyActivitySchema,
  keyExposuresSchema,
  keyPageSchema,
  keySchema,
  keyUsageSchema,
  ownerPageSchema,
  ownerSchema,
  problemSchema,
  recordedEventSchema,
  revocationSchema,
  webhookDeliveryPageSchema,
  webhookDeliverySchema,
  webhookListSchema,
  webhookSchema,
  webhookWithSecretSchema,
} from '#libs/keys-contract';
import type { Step, Tracing } from '#libs/tracing';
import { type Fetch, fetchTrusting } from './fetch.js';
import { pagesOf } from './pages.js';

/** The management API refused the request. `message` is its sentence. */
export class ManageRefused extends Error {
  override readonly name = 'ManageRefused';

  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    /** The whole RFC 9457 body. */
    readonly problem: Readonly<Record<string, unknown>>,
  ) {
    super(detail);
  }
}

/** The management API did not answer, or its answer could not be understood. */
export class ManageUnreachable extends Error {
  override readonly name = 'ManageUnreachable';
}

export interface ManageClientOptions {
  /** URL of the management API: `http://keys:3001`. */
  readonly url: string;
  /** The token of the management API. */
  readonly credential: string;
  /** Certificates (PEM) to trust instead of the system's, for `https://`. */
  readonly ca?: string | undefined;
  /** How long an answer may take, in milliseconds. A revocation may take as long as the lifetime of caches. */
  readonly timeoutMs?: number;
  /** Traces the calls. */
  readonly tracing?: Tracing | undefined;
}

/** Where the calls of a client come from. The audit log has it of each change. */
export interface CallOrigin {
  /** Who makes the changes: a person's ID, or the name of a tool. Default: `manage`. */
  readonly actor?: string | undefined;
  /** The IP address of that person, if it is known. */
  readonly address?: string | undefined;
  /** The ID of the request in which the calls are made, so that the logs of both services have the same. */
  readonly requestId?: string | undefined;
}

/** An answer, as far as it was understood. */
interface Received {
  readonly status: number;
  readonly json: unknown;
}

/**
 * A client of the management API, for a dashboard's backend. Each method throws {@link ManageRefused} if the API refuses
 * the request, and {@link ManageUnreachable} if it does not answer.
 */
export class ManageClient {
  readonly #options: ManageClientOptions;
  readonly #url: string;
  readonly #timeoutMs: number;
  #fetchAnswer: Fetch;
  #origin: CallOrigin = {};

  constructor(options: ManageClientOptions) {
    const { url, ca, timeoutMs = 20_000 } = options;
    this.#options = options;
    this.#fetchAnswer = ca === undefined ? fetch : fetchTrusting(ca);
    this.#url = url.replace(/\/$/, '');
    this.#timeoutMs = timeoutMs;
  }

  /** The same client for calls from there. What a single call says of its actor counts instead. */
  from(origin: CallOrigin): ManageClient {
    const client = new ManageClient({ ...this.#options, ca: undefined });
    client.#fetchAnswer = this.#fetchAnswer;
    client.#origin = origin;
    return client;
  }

  /** What keys can be issued with. Undefined if the keys service is of version 0.1.0, which does not tell. */
  async catalogue(): Promise<CatalogueView | undefined> {
    try {
      return await this.#call(catalogueSchema, 'GET', '/catalogue');
    } catch (err) {
      if (err instanceof ManageRefused && err.code === 'not_found') return undefined;
      throw err;
    }
  }

  /** Creates the owner, or changes their email, role and tier. */
  putOwner(id: string, request: OwnerRequest): Promise<Owner> {
    return this.#call(ownerSchema, 'PUT', pathOf(id), { body: request });
  }

  getOwner(id: string): Promise<Owner> {
    return this.#call(ownerSchema, 'GET', pathOf(id));
  }

  /** Owners by ID, one page of them. */
  listOwners(filter: OwnerFilter = {}): Promise<OwnerPage> {
    return this.#call(ownerPageSchema, 'GET', `/owners?${query({ ...filter })}`);
  }

  /** Every owner with this email address, in any case. */
  async findOwnersByEmail(email: string): Promise<readonly Owner[]> {
    const found: Owner[] = [];
    for await (const { owners } of pagesOf((from) => this.listOwners({ email, ...from })))
      found.push(...owners);
    return found;
  }

  suspendOwner(id: string, request: ChangeRequest = {}): Promise<Owner> {
    return this.#call(ownerSchema, 'POST', `${pathOf(id)}/suspend`, { body: request });
  }

  resumeOwner(id: string, request: ChangeRequest = {}): Promise<Owner> {
    return this.#call(ownerSchema, 'POST', `${pathOf(id)}/resume`, { body: request });
  }

  /** Creates a key. With an `idempotencyKey`, a repeated call creates no second one but is refused with `already_issued`. */
  issue(ownerId: string, request: IssueRequest, idempotencyKey?: string): Promise<IssuedKey> {
    return this.#call(issuedKeySchema, 'POST', `${pathOf(ownerId)}/keys`, {
      body: request,
      headers: idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
    });
  }

  /** The owner's keys, newest first; by default the active ones. */
  list(ownerId: string, filter: KeyFilter = {}): Promise<KeyPage> {
    return this.#call(keyPageSchema, 'GET', `${pathOf(ownerId)}/keys?${query({ ...filter })}`);
  }

  /** The keys of all owners, newest first; by default the active ones. */
  listKeys(filter: KeySearch = {}): Promise<KeyPage> {
    return this.#call(keyPageSchema, 'GET', `/keys?${query({ ...filter })}`);
  }

  async get(keyId: string): Promise<Key> {
    return this.#call(keySchema, 'GET', keyPathOf(keyId));
  }

  /** Revokes a key. Returns when no gateway accepts it any more. With an `ownerId`, only a key of theirs. */
  async revoke(keyId: string, request: RevokeRequest = {}): Promise<Revocation> {
    return this.#call(revocationSchema, 'POST', `${keyPathOf(keyId)}/revoke`, { body: request });
  }

  /**
   * Makes a key expire at `expiresAt` (RFC 3339): in the future, and not later than it would anyway. Returns once every
   * gateway knows. With an `ownerId`, only a key of theirs.
   */
  async expire(keyId: string, request: ExpireRequest): Promise<Expiry> {
    return this.#call(expirySchema, 'POST', `${keyPathOf(keyId)}/expire`, { body: request });
  }

  /** Pauses a key. Returns when no gateway accepts it. With an `ownerId`, only a key of theirs. */
  async pause(keyId: string, request: PauseRequest = {}): Promise<Pause> {
    return this.#call(pauseSchema, 'POST', `${keyPathOf(keyId)}/pause`, { body: request });
  }

  /** Resumes a paused key. Returns when every gateway accepts it again. With an `ownerId`, only a key of theirs. */
  async resume(keyId: string, request: PauseRequest = {}): Promise<Pause> {
    return this.#call(pauseSchema, 'POST', `${keyPathOf(keyId)}/resume`, { body: request });
  }

  /**
   * What a key was used for within the days that keys stores, at most `limit` entries (default 100, maximum 500). With an
   * `ownerId`, only a key of theirs is found.
   */
  async activity(keyId: string, filter: ActivityFilter = {}): Promise<KeyActivity> {
    return this.#call(keyActivitySchema, 'GET', `${keyPathOf(keyId)}/activity?${query({ ...filter })}`);
  }

  /** Where a key was found by others, latest first. With an `ownerId`, only a key of theirs is found. */
  async exposures(keyId: string, filter: ExposureFilter = {}): Promise<KeyExposures> {
    return this.#call(keyExposuresSchema, 'GET', `${keyPathOf(keyId)}/exposures?${query({ ...filter })}`);
  }

  /** Records something that happened to a person outside keys, once however often the event with this ID is sent. */
  recordPersonEvent(event: PersonEvent): Promise<RecordedEvent> {
    return this.#call(recordedEventSchema, 'POST', '/audit-events', { body: event });
  }

  /** How much a key was used within a day and a week. With an `ownerId`, only a key of theirs is found. */
  async usage(keyId: string, filter: UsageFilter = {}): Promise<KeyUsage> {
    return this.#call(keyUsageSchema, 'GET', `${keyPathOf(keyId)}/usage?${query({ ...filter })}`);
  }

  /** What happened to owners and keys, newest first. */
  async listAuditEvents(filter: AuditEventFilter = {}): Promise<AuditEventPage> {
    const { keyId } = filter;
    const parameters = { ...filter, ...(keyId !== undefined && { keyId: keyIdOf(keyId) }) };
    return this.#call(auditEventPageSchema, 'GET', `/audit-events?${query(parameters)}`);
  }

  /** Sends events to a URL. The answer has the secret of their signatures, which is shown this once. */
  createWebhook(request: WebhookRequest): Promise<WebhookWithSecret> {
    return this.#call(webhookWithSecretSchema, 'POST', '/webhooks', { body: request });
  }

  /** All webhooks, oldest first. */
  listWebhooks(): Promise<WebhookList> {
    return this.#call(webhookListSchema, 'GET', '/webhooks');
  }

  getWebhook(id: string): Promise<Webhook> {
    return this.#call(webhookSchema, 'GET', webhookPathOf(id));
  }

  updateWebhook(id: string, request: WebhookChangeRequest): Promise<Webhook> {
    return this.#call(webhookSchema, 'PATCH', webhookPathOf(id), { body: request });
  }

  /** Removes a webhook: what waits to be sent to it fails. Returns it as it was. */
  removeWebhook(id: string, request: ChangeRequest = {}): Promise<Webhook> {
    const { actor, address } = { ...this.#origin, ...request };
    const search = query({ actor, address: address ?? undefined });
    return this.#call(webhookSchema, 'DELETE', `${webhookPathOf(id)}?${search}`);
  }

  /** Gives a webhook a new secret. The one from before signs for 24 more hours. */
  rotateWebhookSecret(id: string, request: ChangeRequest = {}): Promise<WebhookWithSecret> {
    return this.#call(webhookWithSecretSchema, 'POST', `${webhookPathOf(id)}/rotate-secret`, {
      body: request,
    });
  }

  /** Sends a test event. Whether it has arrived, the delivery with the ID of the answer says later. */
  testWebhook(id: string, request: ChangeRequest = {}): Promise<WebhookDelivery> {
    return this.#call(webhookDeliverySchema, 'POST', `${webhookPathOf(id)}/test`, { body: request });
  }

  /** What was sent to a webhook, and what waits to be, newest first. */
  listDeliveries(id: string, filter: DeliveryFilter = {}): Promise<WebhookDeliveryPage> {
    const path = `${webhookPathOf(id)}/deliveries?${query({ ...filter })}`;
    return this.#call(webhookDeliveryPageSchema, 'GET', path);
  }

  /** Sends an event again, whether it has arrived or not, with the same `webhook-id`. */
  replayDelivery(id: string, deliveryId: string): Promise<WebhookDelivery> {
    const path = `${webhookPathOf(id)}/deliveries/${encodeURIComponent(deliveryId)}/replay`;
    return this.#call(webhookDeliverySchema, 'POST', path);
  }

  async #call<Answer extends z.ZodMiniType>(
    answer: Answer,
    method: string,
    path: string,
    { body, headers = {} }: { body?: object; headers?: Record<string, string> } = {},
  ): Promise<z.output<Answer>> {
    const { actor, address, requestId } = this.#origin;
    const send = (where: object): Promise<Received> =>
      this.#fetch(
        method,
        path,
        // All bodies are of changes.
        body && { ...(actor !== undefined && { actor }), ...where, ...body },
        { ...headers, ...(requestId !== undefined && { 'x-request-id': requestId }) },
      );
    const received = await send(address === undefined ? {} : { address });
    const { status, json } = isUnknownAddress(received) ? await send({}) : received;
    if (status >= 400) {
      const read = problemSchema.safeParse(json);
      if (!read.success)
        throw new ManageUnreachable(
          `${this.#url} responded with ${status}, but not as the keys service does.`,
        );
      throw new ManageRefused(status, read.data.code, read.data.detail, read.data);
    }
    const read = answer.safeParse(json);
    if (!read.success)
      throw new ManageUnreachable(
        `${this.#url} responded with something that this version does not understand.`,
      );
    return read.data;
  }

  #fetch(
    method: string,
    path: string,
    body: object | undefined,
    headers: Record<string, string>,
  ): Promise<Received> {
    const { tracing } = this.#options;
    if (tracing === undefined) return this.#send(method, path, body, headers);
    return tracing.ask(stepOf(method, this.#url), (traceparent) =>
      this.#send(method, path, body, { ...headers, ...(traceparent !== undefined && { traceparent }) }),
    );
  }

  async #send(
    method: string,
    path: string,
    body: object | undefined,
    headers: Record<string, string>,
  ): Promise<Received> {
    try {
      const response = await this.#fetchAnswer(this.#url + path, {
        method,
        headers: {
          authorization: `Bearer ${this.#options.credential}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      return { status: response.status, json: await response.json().catch(() => undefined) };
    } catch (err) {
      throw new ManageUnreachable(`The keys service at ${this.#url} does not answer.`, { cause: err });
    }
  }
}

/** Whether the keys service is of version 0.1.0, which has refused a change since it knows no addresses of people. */
function isUnknownAddress({ status, json }: Received): boolean {
  return status === 400 && problemSchema.safeParse(json).data?.detail === 'There is no field "address".';
}

/** The path of an owner. `.` and `..` would lead elsewhere, even if encoded. */
function pathOf(ownerId: string): string {
  if (ownerId === '.' || ownerId === '..') {
    throw new ManageRefused(400, 'invalid_request', 'Owner ID must not be . or ..', {});
  }
  return `/owners/${encodeURIComponent(ownerId)}`;
}

function webhookPathOf(id: string): string {
  return `/webhooks/${encodeURIComponent(id)}`;
}

function keyPathOf(pasted: string): string {
  return `/keys/${keyIdOf(pasted)}`;
}

/** The ID of a key. Of a pasted text, only that is sent: the rest of a key is secret. */
function keyIdOf(pasted: string): string {
  const id = findPastedKeyId(pasted);
  if (id !== undefined) return id;
  throw new ManageRefused(400, 'invalid_request', NO_KEY_ID, {});
}

/** Says what a key ID is without repeating what was given: that may be part of a secret. */
const NO_KEY_ID = 'No key ID found. It is the 22 characters after sk_live_ in a key.';

function query(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) search.set(name, String(value));
  return search.toString();
}

function stepOf(method: string, url: string): Step<Received> {
  return {
    name: method,
    attributes: {
      'http.request.method': method,
      'peer.service': 'keys',
      'server.address': new URL(url).hostname,
    },
    describeResult: ({ status }) => ({
      attributes: { 'http.response.status_code': status },
      hasFailed: status >= 400,
    }),
  };
}
