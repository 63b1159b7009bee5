export { connectionTo, placeOf, postgresAuthorities, postgresUrl } from './address.js';
export { databaseProblem } from './database-problem.js';
export { type DatabaseTrouble, databaseTrouble, wordsOf } from './errors.js';
export { lockNumber } from './lock-number.js';
export { ToPrimary } from './to-primary.js';
