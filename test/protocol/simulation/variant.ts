import type { Clock } from '#libs/clock';
import type {
  Invalidatable,
  IdentityRecord,
  LogSight,
  Outbox,
  RevocationLog,
  Timings,
} from '#libs/revocations';
import type { KeyId } from '#libs/key-format';
import type {
  Authenticator,
  Lease,
  Verifier,
} from '../../../libs/key-verifier/src/authentication/authenticator.js';
import type { PrincipalCache } from '../../../libs/key-verifier/src/authentication/principal-cache.js';
import type { Row } from './postgres-model.js';
import type { SimulatedProcess } from './process.js';
import type { RedisRules, SimulatedRedisLog } from './redis-model.js';

/** What a follower gets. */
export interface Followed {
  readonly log: RevocationLog;
  readonly cache: Invalidatable;
}

/** The replaced parts of a variant of the protocol. The correct one, `{}`, is the production code. */
export interface Variant {
  // At a gateway.
  cache?(parts: ConstructorParameters<typeof PrincipalCache>[0]): PrincipalCache;
  gatewayClock?(process: SimulatedProcess): Clock;
  followedLog?(log: SimulatedRedisLog, cache: PrincipalCache, process: SimulatedProcess): RevocationLog;
  /** The log that is followed, and the cache that the follower invalidates. */
  followed?(log: SimulatedRedisLog, cache: PrincipalCache, process: SimulatedProcess): Followed;
  instance?(process: SimulatedProcess): string;
  verifier?(verifier: Verifier): Verifier;
  lease?(lease: Lease, process: SimulatedProcess): Lease;
  authenticator?(
    parts: ConstructorParameters<typeof Authenticator>[0],
    process: SimulatedProcess,
  ): Authenticator;

  // At keys.
  keysClock?(process: SimulatedProcess): Clock;
  publishedLog?(log: SimulatedRedisLog, process: SimulatedProcess): RevocationLog;
  publisherTimings?(timings: Timings): Timings;
  sight?(parts: ConstructorParameters<typeof LogSight>[0]): LogSight;
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
  /** Whether a pause, or its end, returns once it is committed. */
  readonly pauseReturnsAtOnce?: boolean;
  readonly repeatedPauseReturnsAtOnce?: boolean;
  readonly countsFromBeginOfCommit?: boolean;
  readonly replicaLagMs?: number;

  // Everything in one process.
  /** Whether it assumes, without asking, that it alone serves the database. */
  readonly believesToBeAlone?: boolean;

  // In Redis.
  readonly redis?: Partial<RedisRules>;
}
