// Servers for tests: real ones.
export { type TestDatabase, makeDatabase, makeKeysDatabase, makeTemplate, openDatabase } from './database.js';
export { acknowledged } from './acknowledged.js';
export { freePort, reservePorts } from './free-port.js';
export { type TestRedis, startRedis } from './redis.js';
export { ReplicatedPostgres } from './replicated-postgres.js';
export { SentinelRedis } from './sentinels.js';
export { TcpProxy } from './tcp-proxy.js';
export { RunningProcess, programIn, startProgram } from './running-process.js';
export { wallClockOff } from './wall-clock.js';
export { until } from './until.js';
export {
  type KeysProcess,
  ServiceProcess,
  startDashboardProcess,
  startGatewayProcess,
  startKeysProcess,
} from './service-process.js';
export { Stack, type StackOptions } from './stack.js';
export { VERSION_BEFORE, compileVersion } from './version-before.js';
export { TEST_SECRETS } from './test-secrets.js';

// For the tests themselves.
export { VirtualClock, settle } from './virtual-clock.js';
export { Percentiles } from './percentiles.js';
export { RandomHeaders } from './random-headers.js';
export { type Answer, call, callOnce, isKeysUnavailable } from './call.js';
export {
  endLeftDatabases,
  endLeftProcesses,
  issuedInThisRun,
  noteIssued,
  runFolder,
  uniqueName,
} from './run-folder.js';
