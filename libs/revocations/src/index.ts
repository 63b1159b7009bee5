// For those who revoke.
export { type Propagation, RevocationPublisher } from './publisher.js';
export { LogSight, type Seen } from './sight.js';
export type { IdentityRecord, Recorded } from './identity-record.js';
export { type Outbox, OutboxRelay } from './outbox.js';

// For those who cache.
export { type Invalidatable, RevocationFollower } from './follower.js';

// The log between them.
export {
  NOWHERE,
  type Entry,
  type Look,
  type LookRequest,
  type Mark,
  type Member,
  type Position,
  type Renewal,
  type RenewalRequest,
  type RevocationLog,
  type Invalidation,
} from './revocation-log.js';
export { type AskWhetherAlone, InProcessLog } from './in-process-log.js';
export { RedisLog } from './redis-log.js';
export { followerNeeds, publisherNeeds } from './redis-needs.js';

// What both are given.
export { DEFAULT_TIMINGS, type Timings } from './timings.js';
