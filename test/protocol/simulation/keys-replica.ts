import {
  type Propagation,
  type IdentityRecord,
  type InProcessLog,
  LogSight,
  OutboxRelay,
  RevocationPublisher,
  type Timings,
} from '#libs/revocations';
import type { KeyId } from '#libs/key-format';
import type { Principal, VerifyAnswer } from '#libs/keys-contract';
import type { Connection } from './connection.js';
import type { OwnerFacts, PostgresServer, Put, Row } from './postgres-model.js';
import type { SimulatedProcess } from './process.js';
import { SimulatedRedisLog } from './redis-model.js';
import { SimulatedOutbox } from './simulated-outbox.js';
import type { Variant } from './variant.js';

export interface KeysReplicaParts {
  readonly process: SimulatedProcess;
  readonly log: SimulatedRedisLog | InProcessLog;
  readonly postgres: PostgresServer;
  readonly database: Connection;
  readonly timings: Timings;
  readonly variant: Variant;
}

/** A replica of keys: the production publisher and relay, between a simulated PostgreSQL and a simulated Redis. */
export class KeysReplica {
  readonly process: SimulatedProcess;
  readonly log: SimulatedRedisLog | InProcessLog;
  readonly database: Connection;
  readonly #postgres: PostgresServer;
  readonly #variant: Variant;
  readonly #publisher: RevocationPublisher;
  readonly #lookEveryMs: number;

  constructor({ process, log, postgres, database, timings, variant }: KeysReplicaParts) {
    this.process = process;
    this.log = log;
    this.database = database;
    this.#postgres = postgres;
    this.#variant = variant;
    const record: IdentityRecord = {
      read: () => database.ask((reply) => reply(postgres.readRecorded())),
      replace: (before, identity) =>
        database.ask((reply) => reply(postgres.replaceRecorded(before, identity))),
      settle: async (generation) => {
        await database.ask<'settled'>((reply) => reply(postgres.settleRecorded(generation)));
      },
    };
    let names = 0;
    const watching = {
      log: (log instanceof SimulatedRedisLog ? variant.publishedLog?.(log, process) : undefined) ?? log,
      clock: variant.keysClock?.(process) ?? process.clock,
      timings: variant.publisherTimings?.(timings) ?? timings,
      newName: () => `${process.name}.${++names}`,
    };
    this.#publisher = new RevocationPublisher({
      ...watching,
      record: variant.record?.(record, process) ?? record,
      sight: variant.sight?.(watching) ?? new LogSight(watching),
    });
    this.#lookEveryMs = timings.lookEveryMs;
    void this.#observe();
    const outbox = new SimulatedOutbox(postgres, database);
    new OutboxRelay({
      outbox: variant.outbox?.(outbox) ?? outbox,
      log,
      clock: process.clock,
      timings,
    }).start();
  }

  /** A question arrives. The row is read after that, and bcrypt may take time after that. */
  verify(id: KeyId, log: string | null, reply: (answer: VerifyAnswer) => void): void {
    this.process.enterAside(() => void this.#answer(id, log, reply).catch(() => undefined));
  }

  /** Revokes as `RevokeKey` does. Rejects if the database does not confirm. */
  async revoke(id: KeyId): Promise<Propagation> {
    const begunAt = this.process.now();
    const { isFirst, put } = await this.database.ask<ReturnType<PostgresServer['revoke']>>((reply) =>
      reply(this.#postgres.revoke(id)),
    );
    if (!isFirst && this.#variant.repeatedRevokeReturnsAtOnce)
      return { how: 'acknowledged', gateways: 0, waitedMs: 0 };
    const committedAt = this.#variant.countsFromBeginOfCommit ? begunAt : this.process.now();
    return this.#publisher.publish({ kind: 'key', id }, committedAt, () => this.#removeFromOutbox(put));
  }

  /** Pauses or resumes as `PauseKey` does, and returns the resulting state. */
  async pause(id: KeyId, paused: boolean): Promise<{ state: number; effect: Propagation }> {
    const { state, isChanged, put } = await this.database.ask<ReturnType<PostgresServer['pause']>>((reply) =>
      reply(this.#postgres.pause(id, paused)),
    );
    const { pauseReturnsAtOnce, repeatedPauseReturnsAtOnce } = this.#variant;
    if (pauseReturnsAtOnce === true || (!isChanged && repeatedPauseReturnsAtOnce === true))
      return { state, effect: { how: 'acknowledged', gateways: 0, waitedMs: 0 } };
    const committedAt = this.process.now();
    const removeFromOutbox = (): void => this.#removeFromOutbox(put);
    return {
      state,
      effect: await this.#publisher.publish({ kind: 'key', id }, committedAt, removeFromOutbox),
    };
  }

  /** Changes an owner as `SuspendOwner` and `PutOwner` do, and returns the resulting state. */
  async changeOwner(
    id: string,
    change: Partial<OwnerFacts>,
  ): Promise<{ state: number; effect: Propagation }> {
    const { state, isChanged, put } = await this.database.ask<ReturnType<PostgresServer['changeOwner']>>(
      (reply) => reply(this.#postgres.changeOwner(id, change)),
    );
    if (!isChanged && this.#variant.repeatedOwnerChangeReturnsAtOnce)
      return { state, effect: { how: 'acknowledged', gateways: 0, waitedMs: 0 } };
    const committedAt = this.process.now();
    const removeFromOutbox = (): void => this.#removeFromOutbox(put);
    return {
      state,
      effect: await this.#publisher.publish({ kind: 'owner', id }, committedAt, removeFromOutbox),
    };
  }

  kill(): void {
    this.process.kill();
    void this.log.close();
    this.database.lose();
  }

  async #answer(id: KeyId, log: string | null, reply: (answer: VerifyAnswer) => void): Promise<void> {
    const read = (): Promise<Row | undefined> =>
      this.database.ask((answer) => answer(this.#postgres.read(id, log, this.#variant.replicaLagMs)));
    const row = await (this.#variant.readRow?.(id, read, this.process) ?? read());
    if (this.process.world.random.chance(0.2))
      await this.process.clock.wait(this.process.world.random.between(0, 30));
    const cacheable = row !== undefined && (row.cacheable || this.#variant.everythingIsCacheable === true);
    if (row === undefined) reply({ outcome: 'refused', reason: 'unknown', cacheable: false });
    else if (row.revoked) reply({ outcome: 'refused', reason: 'revoked', cacheable });
    else if (row.expiresInMs !== null && row.expiresInMs <= 0)
      reply({ outcome: 'refused', reason: 'expired', cacheable });
    else if (row.paused) reply({ outcome: 'refused', reason: 'paused', cacheable });
    else if (row.owner.suspended) reply({ outcome: 'refused', reason: 'owner_suspended', cacheable });
    else reply({ outcome: 'valid', principal: principalOf(row), cacheable, expiresInMs: row.expiresInMs });
  }

  #removeFromOutbox(put: Put): void {
    void this.database
      .ask<'settled'>((reply) => reply(this.#postgres.settle([], [put])))
      .catch(() => undefined);
  }

  async #observe(): Promise<void> {
    for (;;) {
      await this.#publisher.observe().catch(() => undefined);
      await this.process.clock.wait(this.#lookEveryMs);
    }
  }
}

function principalOf({ id, ownerId, owner: { role }, expiresAt }: Row): Principal {
  const owner = { id: ownerId, email: `${ownerId}@example.com`, emailVerified: false, role, tier: 'free' };
  const expiresAtMs = expiresAt === Infinity ? null : expiresAt;
  return { keyId: id, capabilities: [], expiresAtMs, rateLimitPerMinute: null, owner };
}
