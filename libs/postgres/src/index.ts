export { addressOf, placeOf } from './address.js';
export { isDatabaseAway, wordsOf } from './errors.js';
export { ToPrimary } from './to-primary.js';
