// For numbers that somebody else keeps.
export { type Sample, type MetricDefinition, byLabel, registerCounter, registerGauge } from './register.js';

// For what a service stands on.
export { showDatabase } from './database.js';
export { showRedis } from './redis.js';
export { showCertificates } from './certificates.js';
