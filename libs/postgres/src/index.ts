export { connectionTo, describeUrl, postgresAuthorities, postgresUrl } from './address.js';
export { DatabaseProblem, databaseProblem } from './database-problem.js';
export { type DatabaseTrouble, databaseTrouble, errorMessage } from './errors.js';
export { lockNumber } from './lock-number.js';
export { PrimaryOnly, SET_TIMEOUTS } from './primary-only.js';
export { SHARED_SESSIONS, sharesSessions } from './shared-sessions.js';
