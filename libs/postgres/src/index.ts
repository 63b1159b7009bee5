export { addressOf, placeOf } from './address.js';
export { lockNumber } from './lock-number.js';
export { isDatabaseAway, wordsOf } from './errors.js';
export { ToPrimary } from './to-primary.js';
