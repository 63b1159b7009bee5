// For numbers that somebody else keeps.
export { type Reading, type Shown, byLabel, showCounter, showGauge } from './shown.js';

// For what a service stands on.
export { showDatabase } from './database.js';
export { showRedis } from './redis.js';
export { showCertificates } from './certificates.js';
