import '#libs/event-loop';

// For the documentation.
export { ServiceProblem } from './service-problem.js';

// For an app's main.ts.
export { canListen } from './can-listen.js';
export { localHost, shownHost } from './hosts.js';
export { StartError, type Stoppable, runProcess } from './start.js';
export { type HttpService, type HttpServiceOptions, startHttpService } from './http-service.js';
export { Readiness } from './readiness.js';
export { LOG_LEVELS, type LogLevel, type LogOptions, createLog } from './log.js';
export { countHeaders } from './unclear-requests.js';
export { withoutSecrets } from './without-secrets.js';
export { NestLog, withLog } from './nest-log.js';
export { type StoppingOptions, drainSeconds } from './stopping.js';

// For metrics: numbers that somebody else keeps, and what a service stands on.
export { type Sample, byLabel, registerCounter, registerGauge } from './metrics/register.js';
export { showCertificates } from './metrics/certificates.js';
export { showDatabase } from './metrics/database.js';
export { showRedis } from './metrics/redis.js';

// For routes and guards.
export { BodyLimit, RawBody, readBody } from './read-body.js';
