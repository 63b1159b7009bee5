export { addressOf, placeOf } from './address.js';
export { isDatabaseAway, wordsOf } from './errors.js';
