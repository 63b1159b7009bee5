import { DataSource, QueryFailedError } from 'typeorm';
import { z } from 'zod';
import {
  PrimaryOnly,
  SHARED_SESSIONS,
  connectionTo,
  describeUrl,
  errorMessage,
  sharesSessions,
} from '#libs/postgres';
import { StartError } from '#libs/service';
import { ApiKeyEntity } from './api-key.entity.js';
import { AuditEventEntity } from './audit-event.entity.js';
import { Keys1764000000000 } from './migrations/1764000000000-keys.js';
import { RevocationLog1764100000000 } from './migrations/1764100000000-revocation-log.js';
import { RevocationOutbox1764200000000 } from './migrations/1764200000000-revocation-outbox.js';
import { RateLimits1764300000000 } from './migrations/1764300000000-rate-limits.js';
import { KeyActivity1764400000000 } from './migrations/1764400000000-key-activity.js';
import { SettledGeneration1764500000000 } from './migrations/1764500000000-settled-generation.js';
import { ActivityPartitions1764600000000 } from './migrations/1764600000000-activity-partitions.js';
import { OwnerEmail1764700000000 } from './migrations/1764700000000-owner-email.js';
import { AuditIndexes1764800000000 } from './migrations/1764800000000-audit-indexes.js';
import { AllowedIps1764900000000 } from './migrations/1764900000000-allowed-ips.js';
import { KeyPause1765000000000 } from './migrations/1765000000000-key-pause.js';
import { AuditOrigin1765100000000 } from './migrations/1765100000000-audit-origin.js';
import { Deliveries1765200000000 } from './migrations/1765200000000-deliveries.js';
import { KeyExposures1765300000000 } from './migrations/1765300000000-key-exposures.js';
import { Webhooks1765400000000 } from './migrations/1765400000000-webhooks.js';
import { KeyNotices1765500000000 } from './migrations/1765500000000-key-notices.js';
import { EmailDigests1765510000000 } from './migrations/1765510000000-email-digests.js';
import { PersonEvents1765600000000 } from './migrations/1765600000000-person-events.js';
import { OwnerEntity } from './owner.entity.js';
import { poolOf } from './prepared-statement.js';
import { grantServing, isUpToDate, migrate } from './schema.js';
import { WebhookEndpointEntity } from '../webhooks/webhook-endpoint.entity.js';

export interface DatabaseOptions {
  /** `postgres://user@host:5432/database` */
  readonly url: string;
  /** Overrides the one in the URL. */
  readonly password?: string | undefined;
  /** Certificates (PEM) to trust instead of the system's. */
  readonly ca?: string | undefined;
  /** Maximum number of connections. */
  readonly poolSize: number;
}

/**
 * Connects to PostgreSQL, and migrates its schema if needed. Throws a {@link StartError} that says what to do.
 */
export async function openDatabase(options: DatabaseOptions): Promise<DataSource> {
  const { database, primaryOnly } = await connect(options);
  await orClose(database, options.url, async () => {
    if (!(await isUpToDate(database))) await migrate(database);
  });
  primaryOnly.enableWatchdog();
  return database;
}

/** Connects as the owner of the tables, migrates them, and grants the service's role what it needs. */
export async function openAsOwner(settings: {
  readonly DATABASE_URL: string;
  readonly DATABASE_PASSWORD?: string | undefined;
  readonly DATABASE_TLS_CA?: string | undefined;
  readonly DATABASE_SERVING_ROLE?: string | undefined;
}): Promise<DataSource> {
  const { DATABASE_URL: url, DATABASE_SERVING_ROLE: role } = settings;
  const { DATABASE_PASSWORD: password, DATABASE_TLS_CA: ca } = settings;
  const { database } = await connect({ url, password, ca, poolSize: 2 });
  await orClose(database, url, async () => {
    await migrate(database);
    if (role !== undefined) await grantServing(database, role);
  });
  return database;
}

async function connect({ url, password, ca, poolSize }: DatabaseOptions) {
  const primaryOnly = new PrimaryOnly();
  const database = new DataSource({
    type: 'postgres',
    applicationName: 'keys',
    entities: [OwnerEntity, ApiKeyEntity, AuditEventEntity, WebhookEndpointEntity],
    migrations: [
      Keys1764000000000,
      RevocationLog1764100000000,
      RevocationOutbox1764200000000,
      RateLimits1764300000000,
      KeyActivity1764400000000,
      SettledGeneration1764500000000,
      ActivityPartitions1764600000000,
      OwnerEmail1764700000000,
      AuditIndexes1764800000000,
      AllowedIps1764900000000,
      KeyPause1765000000000,
      AuditOrigin1765100000000,
      Deliveries1765200000000,
      KeyExposures1765300000000,
      Webhooks1765400000000,
      KeyNotices1765500000000,
      EmailDigests1765510000000,
      PersonEvents1765600000000,
    ],
    synchronize: false,
    poolSize,
    connectTimeoutMS: 5000,
    logging: false,
    // Not by `url`, which TypeORM parses by rules of its own.
    extra: {
      ...connectionTo(url, { password, ca }),
      ...primaryOnly.options,
    },
  });
  try {
    await database.initialize();
    if (await sharesSessions(poolOf(database))) throw new Error(SHARED_SESSIONS);
  } catch (err) {
    if (database.isInitialized) await database.destroy();
    throw new StartError(
      `Cannot open the database ${describeUrl(url)} (${errorMessage(err)}): start it, or correct DATABASE_URL.`,
      { cause: err },
    );
  }
  return { database, primaryOnly };
}

/** Migrates the database, and closes it if that fails. */
async function orClose(database: DataSource, url: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (err) {
    await database.destroy();
    const hint = isForbidden(err)
      ? ' The role of DATABASE_URL may not change tables: run dist/bin/migrate.js as their owner first (docs/operations.md, "Two roles").'
      : '';
    throw new StartError(
      `Cannot bring the database ${describeUrl(url)} up to date (${errorMessage(err)}).${hint}`,
      {
        cause: err,
      },
    );
  }
}

/** PostgreSQL's `insufficient_privilege`, which TypeORM passes on from the driver. */
function isForbidden(err: unknown): boolean {
  return err instanceof QueryFailedError && forbidden.safeParse(err.driverError).success;
}

const forbidden = z.object({ code: z.literal('42501') });

/** Whether the database answers. */
export function canAnswer(dataSource: DataSource): Promise<boolean> {
  return dataSource.query('SELECT 1').then(
    () => true,
    () => false,
  );
}
