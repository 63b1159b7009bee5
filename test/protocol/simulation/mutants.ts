import { EXPIRY_MUTANTS } from './mutants/expiry.js';
import { GATEWAY_MUTANTS } from './mutants/gateway.js';
import { KEYS_MUTANTS } from './mutants/keys.js';
import { LOG_MUTANTS } from './mutants/log.js';
import { MEMORY_MUTANTS } from './mutants/memory.js';
import type { Mutant } from './mutants/mutant.js';

/**
 * The protocol without one of its rules at a time. Not among them:
 * - the run ID and the role of the server, each alone: one makes up for the other here. Both stay, since servers other than
 *   Redis may share one of them.
 * - the nonce in the identity: tokens, of which it is the first, and marks reveal a log that was emptied. It stays, so that
 *   the record in PostgreSQL identifies one history and not one server.
 * - that a process which takes over a database waits for the earlier one's lease: it has just begun to watch its log, and
 *   waits as long for that.
 * - R25, an entry carries no state: it has no field for any.
 * - the margin. Without it, a wait is too short by at most 1 %, which no request has hit in 20,000 schedules. Nor has one
 *   without the margin of a key's remaining time: the question takes longer.
 */
export const MUTANTS: readonly Mutant[] = [
  ...LOG_MUTANTS,
  ...MEMORY_MUTANTS,
  ...GATEWAY_MUTANTS,
  ...KEYS_MUTANTS,
  ...EXPIRY_MUTANTS,
];
