import type { Clock, IdentityRecord, Outbox, RevocationLog, Timings } from '#libs/revocations';
import type { KeyId } from '#libs/key-format';
import type { Authenticator, Lease, Verifier } from '../../libs/key-guard/src/authenticator.js';
import type { PrincipalCache } from '../../libs/key-guard/src/principal-cache.js';
import type { Row } from './postgres-model.js';
import type { SimulatedProcess } from './process.js';
import type { RedisRules, SimulatedRedisLog } from './redis-model.js';

/**
 * What a broken variant of the protocol puts in the place of what belongs there. The one that holds, `{}`, is the
 * production code.
 */
export interface Variant {
  // At a gateway.
  cache?(parts: { clock: Clock; cacheTtlMs: number; size: number }): PrincipalCache;
  gatewayClock?(process: SimulatedProcess): Clock;
  wallClock?(process: SimulatedProcess): () => number;
  followedLog?(log: SimulatedRedisLog, cache: PrincipalCache, process: SimulatedProcess): RevocationLog;
  instance?(process: SimulatedProcess): string;
  verifier?(verifier: Verifier): Verifier;
  lease?(lease: Lease, process: SimulatedProcess): Lease;
  authenticator?(parts: ConstructorParameters<typeof Authenticator>[0]): Authenticator;

  // At keys.
  keysClock?(process: SimulatedProcess): Clock;
  publishedLog?(log: SimulatedRedisLog, process: SimulatedProcess): RevocationLog;
  publisherTimings?(timings: Timings): Timings;
  record?(record: IdentityRecord, process: SimulatedProcess): IdentityRecord;
  outbox?(outbox: Outbox): Outbox;
  readonly everythingIsCacheable?: boolean;
  readRow?(
    id: KeyId,
    read: () => Promise<Row | undefined>,
    process: SimulatedProcess,
  ): Promise<Row | undefined>;
  readonly repeatedRevokeReturnsAtOnce?: boolean;
  readonly repeatedOwnerChangeReturnsAtOnce?: boolean;
  readonly countsFromBeginOfCommit?: boolean;
  readonly replicaLagMs?: number;

  // Everything in one process: how many such processes there are, of which there must be one.
  readonly standalones?: number;

  // In Redis.
  readonly redis?: Partial<RedisRules>;
}
