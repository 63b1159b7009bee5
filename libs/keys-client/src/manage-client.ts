import type * as z from 'zod/mini';
import { findPastedKeyId } from '#libs/key-format';
import {
  type ActivityFilter,
  type ChangeRequest,
  type ExpireRequest,
  type Expiry,
  type IssueRequest,
  type IssuedKey,
  type Key,
  type KeyActivity,
  type KeyFilter,
  type KeyPage,
  type Owner,
  type OwnerRequest,
  type Revocation,
  type RevokeRequest,
  expirySchema,
  issuedKeySchema,
  keyActivitySchema,
  keyPageSchema,
  keySchema,
  ownerListSchema,
  ownerSchema,
  problemSchema,
  revocationSchema,
} from '#libs/keys-contract';
import type { Step, Tracing } from '#libs/tracing';
import { type Fetch, fetchTrusting } from './fetch.js';

/** The management API said no. `message` is its sentence. */
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

/** The management API gave no answer that could be understood. */
export class ManageUnreachable extends Error {
  override readonly name = 'ManageUnreachable';
}

export interface ManageClientOptions {
  /** Where keys listens: `http://keys:3001`. */
  readonly url: string;
  /** The credential of the management API. */
  readonly credential: string;
  /** Certificates (PEM) to trust instead of the system's, for `https://`. */
  readonly ca?: string | undefined;
  /** How long an answer may take, in milliseconds. A revocation takes as long as the cache's life at the worst. */
  readonly timeoutMs?: number;
  /** Where calls are traced. */
  readonly tracing?: Tracing | undefined;
}

/** An answer, as far as it was understood. */
interface Said {
  readonly status: number;
  readonly json: unknown;
}

/**
 * The management API, as a dashboard's backend calls it. Each method throws {@link ManageRefused} when the door says no,
 * and {@link ManageUnreachable} when it says nothing.
 */
export class ManageClient {
  readonly #url: string;
  readonly #credential: string;
  readonly #timeoutMs: number;
  readonly #tracing: Tracing | undefined;
  readonly #fetchAnswer: Fetch;

  constructor({ url, credential, ca, timeoutMs = 20_000, tracing }: ManageClientOptions) {
    this.#fetchAnswer = ca === undefined ? fetch : fetchTrusting(ca);
    this.#tracing = tracing;
    this.#url = url.replace(/\/$/, '');
    this.#credential = credential;
    this.#timeoutMs = timeoutMs;
  }

  /** Creates the owner, or changes their email, role and tier. */
  putOwner(id: string, request: OwnerRequest): Promise<Owner> {
    return this.#call(ownerSchema, 'PUT', pathOf(id), { body: request });
  }

  getOwner(id: string): Promise<Owner> {
    return this.#call(ownerSchema, 'GET', pathOf(id));
  }

  async findOwnersByEmail(email: string): Promise<readonly Owner[]> {
    const { owners } = await this.#call(ownerListSchema, 'GET', `/owners?${query({ email })}`);
    return owners;
  }

  suspendOwner(id: string, request: ChangeRequest = {}): Promise<Owner> {
    return this.#call(ownerSchema, 'POST', `${pathOf(id)}/suspend`, { body: request });
  }

  resumeOwner(id: string, request: ChangeRequest = {}): Promise<Owner> {
    return this.#call(ownerSchema, 'POST', `${pathOf(id)}/resume`, { body: request });
  }

  /** Makes a key. With an `idempotencyKey`, a repeated call makes no second one but is refused with `already_issued`. */
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

  async get(keyId: string): Promise<Key> {
    return this.#call(keySchema, 'GET', keyPathOf(keyId));
  }

  /** Revokes a key. Returns when no gateway accepts it any more. With an `ownerId`, only a key of theirs. */
  async revoke(keyId: string, request: RevokeRequest = {}): Promise<Revocation> {
    return this.#call(revocationSchema, 'POST', `${keyPathOf(keyId)}/revoke`, { body: request });
  }

  /**
   * Lets a key expire at `expiresAt`, RFC 3339: in the future, and not later than it would anyway. Returns when every
   * gateway knows. With an `ownerId`, only a key of theirs.
   */
  async expire(keyId: string, request: ExpireRequest): Promise<Expiry> {
    return this.#call(expirySchema, 'POST', `${keyPathOf(keyId)}/expire`, { body: request });
  }

  /**
   * What a key has done within the days that keys keeps, at most `limit` entries (default: 100; 500 at
   * most). With an `ownerId`, only a key of theirs is found.
   */
  async activity(keyId: string, filter: ActivityFilter = {}): Promise<KeyActivity> {
    return this.#call(keyActivitySchema, 'GET', `${keyPathOf(keyId)}/activity?${query({ ...filter })}`);
  }

  async #call<Answer extends z.ZodMiniType>(
    answer: Answer,
    method: string,
    path: string,
    { body, headers = {} }: { body?: object; headers?: Record<string, string> } = {},
  ): Promise<z.output<Answer>> {
    const { status, json } = await this.#fetch(method, path, body, headers);
    if (status >= 400) {
      const read = problemSchema.safeParse(json);
      if (!read.success)
        throw new ManageUnreachable(`${this.#url} answered ${status}, and not as the keys service does.`);
      throw new ManageRefused(status, read.data.code, read.data.detail, read.data);
    }
    const read = answer.safeParse(json);
    if (!read.success)
      throw new ManageUnreachable(`${this.#url} answered something that is not of this version.`);
    return read.data;
  }

  #fetch(
    method: string,
    path: string,
    body: object | undefined,
    headers: Record<string, string>,
  ): Promise<Said> {
    if (this.#tracing === undefined) return this.#send(method, path, body, headers);
    return this.#tracing.ask(stepOf(method, this.#url), (traceparent) =>
      this.#send(method, path, body, { ...headers, ...(traceparent !== undefined && { traceparent }) }),
    );
  }

  async #send(
    method: string,
    path: string,
    body: object | undefined,
    headers: Record<string, string>,
  ): Promise<Said> {
    try {
      const response = await this.#fetchAnswer(this.#url + path, {
        method,
        headers: {
          authorization: `Bearer ${this.#credential}`,
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

/** Where an owner is. `.` and `..` would lead to another place, whatever they are written as. */
function pathOf(ownerId: string): string {
  if (ownerId === '.' || ownerId === '..') {
    throw new ManageRefused(400, 'invalid_request', 'Owner ID must not be . or ..', {});
  }
  return `/owners/${encodeURIComponent(ownerId)}`;
}

/** Where a key is. Whatever was pasted, its id alone is sent: the rest of a key is a secret. */
function keyPathOf(pasted: string): string {
  const id = findPastedKeyId(pasted);
  if (id !== undefined) return `/keys/${id}`;
  throw new ManageRefused(400, 'invalid_request', NO_KEY_ID, {});
}

/** Says what a key's id is, and does not repeat what was given: that may be part of a secret. */
const NO_KEY_ID = 'No key ID found. It is the 22 characters after sk_live_ in a key.';

function query(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) search.set(name, String(value));
  return search.toString();
}

function stepOf(method: string, url: string): Step<Said> {
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
