import { GATEWAY_MUTANTS } from './mutants/gateway.js';
import { KEYS_MUTANTS } from './mutants/keys.js';
import { LOG_MUTANTS } from './mutants/log.js';
import type { Mutant } from './mutants/mutant.js';

/**
 * The protocol without one of its rules at a time. Not among them:
 * - R10, acknowledging does nothing if the identity differs. Its absence is not found in 20,000 schedules: an
 *   acknowledgement meant for another history arrives within moments of its change, and by then nobody trusts the
 *   new identity yet (R19). It stays, as it costs nothing.
 * - R22, an identity must have been seen for a lease's time: R19 asks for more, and the code has it no more.
 * - R25, an entry carries no state: it has no field for any.
 * - the margin. Without it a wait is too short by 1 % at most, and no request has hit that in 20,000 schedules.
 */
export const MUTANTS: readonly Mutant[] = [...LOG_MUTANTS, ...GATEWAY_MUTANTS, ...KEYS_MUTANTS];
