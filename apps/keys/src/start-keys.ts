import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { databaseProblem } from '#libs/postgres';
import type { RedisProbe } from '#libs/redis';
import { DEFAULT_TIMINGS, InProcessLog, type RevocationLog } from '#libs/revocations';
import {
  type HttpService,
  Readiness,
  canListen,
  showCertificates,
  showDatabase,
  showRedis,
  startHttpService,
} from '#libs/service';
import { openTracing } from '#libs/tracing';
import { DatabaseLease } from './database/database-lease.js';
import { openDatabase } from './database/open-database.js';
import { poolOf } from './database/prepared-statement.js';
import { KeysAppModule } from './keys.app.module.js';
import type { KeysSettings } from './keys-settings.js';
import { VerificationToken } from './secrets/service-token.js';
import type { VerdictStore } from './secrets/verdict-store.js';
import { tlsOf } from './tls.js';
import { VerifyServer } from './verification-rpc/verify-server.js';

/** The largest body that the management API accepts, in bytes: a key's name and capabilities need far less. */
const BODY_LIMIT = 16 * 1024;

/** The longest that a committed change may take to come into effect and be answered, in milliseconds. */
const MAX_CHANGE_MS = DEFAULT_TIMINGS.cacheTtlMs * DEFAULT_TIMINGS.margin + 1000;

/** Starts the keys service with both its interfaces. `redis`: its connections to Redis, by purpose. */
export async function startKeys(
  settings: KeysSettings,
  log: Logger,
  revocations: RevocationLog,
  verdicts: VerdictStore,
  redis: Readonly<Record<string, RedisProbe>> = {},
): Promise<HttpService> {
  const tls = tlsOf(settings);
  const database = await openDatabase({
    url: settings.DATABASE_URL,
    password: settings.DATABASE_PASSWORD,
    ca: settings.DATABASE_TLS_CA,
    poolSize: settings.DATABASE_POOL,
  });
  try {
    const isAlone = revocations instanceof InProcessLog;
    const lease = new DatabaseLease(database, isAlone);
    await lease.hold();
    if (isAlone) revocations.dependOn(() => lease.confirm());
    const metrics = new Registry();
    const tracing = await openTracing(settings, { service: 'keys', callers: 'ours', log });
    showDatabase(metrics, poolOf(database));
    showRedis(metrics, redis);
    showCertificates(metrics, {
      KEYS_TLS_CERT: tls?.cert,
      REDIS_TLS_CA: settings.REDIS_TLS_CA,
      DATABASE_TLS_CA: settings.DATABASE_TLS_CA,
    });
    const service = await startHttpService(
      KeysAppModule.register({ settings, database, lease, log: revocations, verdicts, metrics, tracing }),
      {
        log,
        host: settings.KEYS_HOST,
        port: settings.KEYS_MANAGE_PORT,
        portSettings: {
          KEYS_MANAGE_PORT: settings.KEYS_MANAGE_PORT,
          KEYS_VERIFY_PORT: settings.KEYS_VERIFY_PORT,
          KEYS_INTERNAL_PORT: settings.KEYS_INTERNAL_PORT,
        },
        internal: { host: settings.KEYS_INTERNAL_HOST, port: settings.KEYS_INTERNAL_PORT, metrics },
        bodyLimit: BODY_LIMIT,
        stopping: { drainSeconds: settings.DRAIN_SECONDS, finishMs: MAX_CHANGE_MS },
        ...(tls !== undefined && { tls }),
        translate: (err) =>
          databaseProblem(
            err,
            'The database does not answer. Try again: whether a change was made is not known.',
          ),
        tracing,
        readiness: (app) => app.get(Readiness),
        beforeListen: async (app) => {
          await canListen(settings.KEYS_HOST, settings.KEYS_VERIFY_PORT);
          const credential = app.get(VerificationToken);
          app.connectMicroservice({
            strategy: new VerifyServer({
              host: settings.KEYS_HOST,
              port: settings.KEYS_VERIFY_PORT,
              accepts: (given) => credential.accepts(given),
              ...(tls !== undefined && { tlsOptions: tls }),
            }),
          });
          await app.startAllMicroservices();
        },
      },
    );
    return { ...service, ended: lease.taken };
  } catch (err) {
    if (database.isInitialized) await database.destroy();
    throw err;
  }
}
