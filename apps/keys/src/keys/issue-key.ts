import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, IsNull, QueryFailedError } from 'typeorm';
import { z } from 'zod';
import type { Catalogue } from '#libs/catalogue';
import { KeyFormat, type KeyId, newKeyId } from '#libs/key-format';
import type { Origin } from '../audit/origin.js';
import { recordEvent } from '../audit/record-event.js';
import { ApiKeyEntity } from '../database/api-key.entity.js';
import { OwnerEntity } from '../database/owner.entity.js';
import { type ChosenExpiry, chooseExpiry } from '../lifetimes/choose-expiry.js';
import type { Lifetimes } from '../lifetimes/lifetimes.js';
import type { QueueFull } from '../secrets/fair-queue.js';
import { SecretHasher } from '../secrets/secret-hasher.js';
import { SecretVerifier } from '../secrets/secret-verifier.js';

/** A new key. None of this can be changed later. */
export interface NewKey {
  readonly ownerId: string;
  readonly name: string;
  /** Names of the catalogue, at least one. Duplicates and their order do not matter. */
  readonly capabilities: readonly string[];
  /** Null: never. Undefined: after the default lifetime. */
  readonly expiresAt: Date | null | undefined;
  /** A key of the same owner that this one replaces. */
  readonly replaces: KeyId | null;
  /** Requests per minute, or null for the deployment's default. */
  readonly rateLimitPerMinute: number | null;
  /** Addresses and networks as `readAddressRange` writes them, or null for any. */
  readonly allowedIps: readonly string[] | null;
  readonly origin: Origin;
  /** Identifies the request: repeating it creates no second key. */
  readonly idempotencyKey: string | null;
}

/** `allowedIps`: undefined for those of the key that it replaces. */
export interface KeyRequest extends Omit<NewKey, 'allowedIps'> {
  readonly allowedIps: readonly string[] | null | undefined;
}

/**
 * `issued`: `token` is the plaintext, shown once. `repeated`: the same request has already created this key. `reused`:
 * the idempotency key belongs to a request for another key. `capabilities_refused`: `problem` is a sentence for people.
 */
export type Issued =
  | { readonly outcome: 'issued'; readonly key: ApiKeyEntity; readonly token: string }
  | { readonly outcome: 'repeated' | 'reused'; readonly key: ApiKeyEntity }
  | QueueFull
  | { readonly outcome: 'capabilities_refused'; readonly problem: string }
  | { readonly outcome: 'too_many_keys'; readonly max: number }
  | Exclude<ChosenExpiry, { outcome: 'allowed' }>
  | { readonly outcome: 'owner_unknown' | 'owner_suspended' | 'replaces_unknown' };

/** What keys may be issued: the capabilities to choose from, how many active keys an owner may have, and for how long. */
export class IssueRules {
  constructor(
    readonly catalogue: Catalogue,
    readonly maxPerOwner: number,
    readonly lifetimes: Lifetimes,
  ) {}
}

@Injectable()
export class IssueKey {
  constructor(
    private readonly database: DataSource,
    private readonly format: KeyFormat,
    private readonly hasher: SecretHasher,
    private readonly verifier: SecretVerifier,
    private readonly rules: IssueRules,
  ) {}

  /** Creates a key. */
  async execute(asked: KeyRequest): Promise<Issued> {
    const request = {
      ...asked,
      capabilities: this.rules.catalogue.ordered(asked.capabilities),
      allowedIps: asked.allowedIps === undefined ? await this.#inheritedIps(asked) : asked.allowedIps,
    };
    const before = await this.#check(this.database.manager, request);
    if (before.outcome !== 'allowed') return before;

    const id = newKeyId();
    const { text, secret, last4 } = this.format.print(id);
    const hashed = await this.hasher.hash(request.ownerId, secret);
    if (hashed.outcome === 'queue_full') return hashed;
    const secretHash = hashed.result;
    try {
      const result = await this.database.transaction(async (manager) => {
        // Checked again with the owner's row locked: while bcrypt ran, they may have been suspended or got more keys.
        const checked = await this.#check(manager, request, { mode: 'for_no_key_update' });
        if (checked.outcome !== 'allowed') return checked;
        const key = await store(manager, { id, request, last4, secretHash, expiresAt: checked.expiresAt });
        return { outcome: 'issued', key, token: text } as const;
      });
      const printed = this.format.read(text);
      if (result.outcome === 'issued' && printed.outcome === 'genuine') {
        this.verifier.remember(printed, secretHash);
      }
      return result;
    } catch (err) {
      // The same request arrived twice at the same time, and the other was first.
      const earlier = isRepetition(err) ? await findEarlier(this.database.manager, request) : undefined;
      if (earlier === undefined) throw err;
      return earlier;
    }
  }

  /** Of the key that it replaces, so that nobody who forgets them makes a key that works everywhere. They never change. */
  async #inheritedIps({ ownerId, replaces }: KeyRequest): Promise<readonly string[] | null> {
    if (replaces === null) return null;
    const replaced = await this.database.manager.findOneBy(ApiKeyEntity, { id: replaces, ownerId });
    return replaced?.allowedIps ?? null;
  }

  /** Whether the key may be made, and when it expires. */
  async #check(
    manager: EntityManager,
    request: NewKey,
    hold?: { mode: 'for_no_key_update' },
  ): Promise<Exclude<Issued, { outcome: 'issued' }> | Extract<ChosenExpiry, { outcome: 'allowed' }>> {
    const { ownerId, replaces } = request;
    const owner = await manager.findOne(OwnerEntity, { where: { id: ownerId }, ...(hold && { lock: hold }) });
    if (owner === null) return { outcome: 'owner_unknown' };
    const earlier = await findEarlier(manager, request);
    if (earlier !== undefined) return earlier;
    const selection = this.rules.catalogue.select(request.capabilities);
    if (selection.outcome === 'refused')
      return { outcome: 'capabilities_refused', problem: selection.problem };
    if (owner.suspendedAt !== null) return { outcome: 'owner_suspended' };
    const expiry = await chooseExpiry(manager, request.expiresAt, this.rules.lifetimes);
    if (expiry.outcome !== 'allowed') return expiry;
    if (replaces !== null && !(await manager.existsBy(ApiKeyEntity, { id: replaces, ownerId }))) {
      return { outcome: 'replaces_unknown' };
    }
    const { maxPerOwner: max } = this.rules;
    return (await countActive(manager, ownerId, max)) >= max ? { outcome: 'too_many_keys', max } : expiry;
  }
}

const counted = z.tuple([z.object({ active: z.number() })]);

/** The number of an owner's active keys; counts up to `max`. */
async function countActive(manager: EntityManager, ownerId: string, max: number): Promise<number> {
  const found: unknown = await manager.query(
    `SELECT count(*)::integer AS active
       FROM (SELECT FROM api_keys
              WHERE owner_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())
              LIMIT $2) AS keys`,
    [ownerId, max],
  );
  return counted.parse(found)[0].active;
}

async function store(
  manager: EntityManager,
  made: { id: KeyId; request: NewKey; last4: string; secretHash: string; expiresAt: Date | null },
): Promise<ApiKeyEntity> {
  const { id, request, last4, secretHash, expiresAt } = made;
  const { ownerId, name, capabilities, replaces, rateLimitPerMinute, allowedIps } = request;
  const { origin, idempotencyKey } = request;
  await manager.insert(ApiKeyEntity, {
    id,
    ownerId,
    name,
    capabilities: [...capabilities],
    secretHash,
    last4,
    createdBy: origin.actor,
    expiresAt,
    replaces,
    rateLimitPerMinute,
    allowedIps: allowedIps === null ? null : [...allowedIps],
    idempotencyKey,
    requestDigest: idempotencyKey === null ? null : digestOf(request),
  });
  const details = { name, capabilities, expiresAt, replaces, rateLimitPerMinute, allowedIps };
  await recordEvent(manager, { action: 'key.issued', origin, ownerId, keyId: id, details });
  return manager.findOneByOrFail(ApiKeyEntity, { id });
}

/** The key that an earlier request with the same idempotency key created. */
async function findEarlier(
  manager: EntityManager,
  request: NewKey,
): Promise<{ outcome: 'repeated' | 'reused'; key: ApiKeyEntity } | undefined> {
  const { ownerId, idempotencyKey } = request;
  if (idempotencyKey === null) return undefined;
  const key = await manager.findOneBy(ApiKeyEntity, { ownerId, idempotencyKey });
  if (key === null) return undefined;
  const isSame = await manager.existsBy(ApiKeyEntity, [
    { id: key.id, requestDigest: digestOf(request) },
    // Versions that had no default lifetime did not tell "never" from an expiry that was left out.
    ...(request.expiresAt === null
      ? [{ id: key.id, requestDigest: digestOf({ ...request, expiresAt: undefined }), expiresAt: IsNull() }]
      : []),
  ]);
  return { outcome: isSame ? 'repeated' : 'reused', key };
}

/**
 * Identifies what was requested, whatever the settings make of it. What older versions did not know is left out where it
 * says nothing, so that their digests count on.
 */
function digestOf({
  name,
  capabilities,
  expiresAt,
  replaces,
  rateLimitPerMinute,
  allowedIps,
}: NewKey): Buffer {
  const further = [
    ...(rateLimitPerMinute === null ? [] : [{ rateLimitPerMinute }]),
    ...(allowedIps === null ? [] : [{ allowedIps }]),
    ...(expiresAt === null ? [{ expiresAt }] : []),
  ];
  return createHash('sha256')
    .update(JSON.stringify([name, capabilities, expiresAt ?? null, replaces, ...further]))
    .digest();
}

function isRepetition(err: unknown): boolean {
  if (!(err instanceof QueryFailedError)) return false;
  const cause: unknown = err.driverError;
  return cause instanceof Error && 'constraint' in cause && cause.constraint === 'api_keys_idempotency';
}
