import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import { Catalogue } from '#libs/catalogue';
import { KeyFormat } from '#libs/key-format';
import { systemClock } from '#libs/clock';
import { DEFAULT_TIMINGS, OutboxRelay, type RevocationLog, RevocationPublisher } from '#libs/revocations';
import { Readiness } from '#libs/service';
import { Tracing } from '#libs/tracing';
import { ActivityRetention, PartitionMaintenance } from './activity/partition-maintenance.js';
import { ListActivity } from './activity/list-activity.js';
import { RecordActivity } from './activity/record-activity.js';
import { SummarizeUsage } from './activity/summarize-usage.js';
import { ListAuditEvents } from './audit/list-audit-events.js';
import { RecordPersonEvent } from './audit/record-person-event.js';
import { BcryptMetrics } from './bcrypt-metrics.js';
import { DatabaseLease } from './database/database-lease.js';
import { canAnswer } from './database/open-database.js';
import { WALL_CLOCK, databaseClock } from './database/wall-clock.js';
import { DeliveryChannels } from './deliveries/delivery.js';
import { DeliveryMetrics } from './deliveries/delivery-metrics.js';
import { DeliveryQueue } from './deliveries/delivery-queue.js';
import { DeliveryWorker } from './deliveries/delivery-worker.js';
import { EmailChannel } from './emails/email-channel.js';
import { emailProviders } from './emails/email-providers.js';
import type { KeysSettings } from './keys-settings.js';
import { ExposureMetrics } from './exposures/exposure-metrics.js';
import { ExposurePolicies } from './exposures/exposure-policies.js';
import { ListExposures } from './exposures/list-exposures.js';
import { ReportExposure } from './exposures/report-exposure.js';
import { ExpireKey } from './keys/expire-key.js';
import { FindKey } from './keys/find-key.js';
import { IssueKey, IssueRules } from './keys/issue-key.js';
import { KeyRows } from './keys/key-rows.js';
import { ListKeys } from './keys/list-keys.js';
import { RecordUses } from './keys/record-uses.js';
import { PauseKey } from './keys/pause-key.js';
import { RevokeKey } from './keys/revoke-key.js';
import { VerifyKey } from './keys/verify-key.js';
import { AnnounceExpiries } from './lifetimes/announce-expiries.js';
import { AnnounceUnused } from './lifetimes/announce-unused.js';
import { LifetimeSweeps } from './lifetimes/lifetime-sweeps.js';
import { Lifetimes, lifetimesOf } from './lifetimes/lifetimes.js';
import { RevokeUnused } from './lifetimes/revoke-unused.js';
import { ActivityController } from './management-api/activity.controller.js';
import { CatalogueController } from './management-api/catalogue.controller.js';
import { AuditEventsController } from './management-api/audit-events.controller.js';
import { ExposuresController } from './management-api/exposures.controller.js';
import { KeyLifecycleController } from './management-api/key-lifecycle.controller.js';
import { KeysController } from './management-api/keys.controller.js';
import { ManagementApiGuard } from './management-api/management-api.guard.js';
import { OpenApiController } from './management-api/openapi.controller.js';
import { OwnersController } from './management-api/owners.controller.js';
import { WebhookDeliveriesController } from './management-api/webhook-deliveries.controller.js';
import { WebhooksController } from './management-api/webhooks.controller.js';
import { FindOwner } from './owners/find-owner.js';
import { ListOwners } from './owners/list-owners.js';
import { PutOwner } from './owners/put-owner.js';
import { SuspendOwner } from './owners/suspend-owner.js';
import { PropagatedChanges } from './revocation/propagated-changes.js';
import { IdentityInDatabase } from './revocation/identity-in-database.js';
import { RevocationLogMonitor } from './revocation/revocation-log-monitor.js';
import { OutboxInDatabase } from './revocation/outbox-in-database.js';
import { Relay } from './revocation/relay.js';
import { RevocationMetrics } from './revocation/revocation-metrics.js';
import { ManagementToken, VerificationToken } from './secrets/service-token.js';
import { SecretHasher } from './secrets/secret-hasher.js';
import { SecretVerifier } from './secrets/secret-verifier.js';
import { VerdictSigner } from './secrets/verdict-signer.js';
import type { VerdictStore } from './secrets/verdict-store.js';
import { ExposureController } from './verification-rpc/exposure.controller.js';
import { VerifyController } from './verification-rpc/verify.controller.js';
import { ReportEntries } from './verification-rpc/report-entries.js';
import { VerifyMetrics } from './verification-rpc/verify-metrics.js';
import { WebhookChannel } from './webhooks/webhook-channel.js';
import { webhookProviders } from './webhooks/webhook-providers.js';

/** What the service needs. The caller opens and closes it. */
export interface KeysModuleOptions {
  readonly settings: KeysSettings;
  readonly database: DataSource;
  readonly lease: DatabaseLease;
  readonly log: RevocationLog;
  readonly metrics: Registry;
  readonly verdicts: VerdictStore;
  readonly tracing?: Tracing | undefined;
}

/** The keys service: its two interfaces, the operations behind them, and the database. */
@Module({})
export class KeysAppModule {
  static register({
    settings,
    database,
    lease,
    log,
    verdicts,
    metrics,
    tracing,
  }: KeysModuleOptions): DynamicModule {
    const lifetimes = lifetimesOf(settings);
    return {
      module: KeysAppModule,
      imports: [
        TypeOrmModule.forRootAsync({
          useFactory: () => database.options,
          dataSourceFactory: () => Promise.resolve(database),
        }),
      ],
      controllers: [
        OwnersController,
        KeysController,
        KeyLifecycleController,
        ActivityController,
        ExposuresController,
        CatalogueController,
        AuditEventsController,
        WebhooksController,
        WebhookDeliveriesController,
        OpenApiController,
        VerifyController,
        ExposureController,
      ],
      providers: [
        PutOwner,
        FindOwner,
        ListOwners,
        SuspendOwner,
        IssueKey,
        ListKeys,
        FindKey,
        RevokeKey,
        ExpireKey,
        PauseKey,
        KeyRows,
        VerifyKey,
        ReportExposure,
        ListExposures,
        ExposureMetrics,
        RecordUses,
        RecordActivity,
        ListActivity,
        SummarizeUsage,
        ListAuditEvents,
        RecordPersonEvent,
        PartitionMaintenance,
        PropagatedChanges,
        OutboxInDatabase,
        RevocationLogMonitor,
        Relay,
        RevocationMetrics,
        BcryptMetrics,
        VerifyMetrics,
        ReportEntries,
        AnnounceExpiries,
        AnnounceUnused,
        RevokeUnused,
        LifetimeSweeps,
        { provide: WALL_CLOCK, useValue: databaseClock },
        DeliveryWorker,
        DeliveryMetrics,
        { provide: DeliveryQueue, useValue: new DeliveryQueue(database, databaseClock) },
        {
          provide: DeliveryChannels,
          inject: [WebhookChannel, { token: EmailChannel, optional: true }],
          useFactory: (webhooks: WebhookChannel, emails?: EmailChannel) =>
            new DeliveryChannels(emails === undefined ? [webhooks] : [webhooks, emails]),
        },
        ...webhookProviders(settings, database),
        ...emailProviders(settings),
        { provide: Catalogue, useValue: settings.CATALOGUE },
        { provide: Lifetimes, useValue: lifetimes },
        {
          provide: IssueRules,
          useValue: new IssueRules(settings.CATALOGUE, settings.KEYS_PER_OWNER, lifetimes),
        },
        { provide: ExposurePolicies, useValue: new ExposurePolicies(settings.EXPOSURE_MARK_ONLY) },
        { provide: ActivityRetention, useValue: new ActivityRetention(settings.ACTIVITY_DAYS) },
        { provide: Registry, useValue: metrics },
        { provide: Tracing, useValue: tracing },
        { provide: DatabaseLease, useValue: lease },
        {
          provide: Readiness,
          useValue: new Readiness(async () => ((await canAnswer(database)) ? undefined : 'the database')),
        },
        { provide: APP_GUARD, useClass: ManagementApiGuard },
        { provide: ManagementToken, useValue: new ManagementToken(settings.KEYS_MANAGE_TOKEN) },
        { provide: VerificationToken, useValue: new VerificationToken(settings.KEYS_VERIFY_TOKEN) },
        {
          provide: KeyFormat,
          useValue: new KeyFormat({ prefix: settings.KEY_PREFIX, tagSecrets: settings.KEY_TAG_SECRET }),
        },
        {
          provide: SecretHasher,
          useValue: new SecretHasher({
            cost: settings.BCRYPT_COST,
            concurrency: settings.BCRYPT_CONCURRENCY,
            queue: settings.BCRYPT_QUEUE,
          }),
        },
        {
          provide: SecretVerifier,
          inject: [SecretHasher],
          useFactory: (hasher: SecretHasher) =>
            new SecretVerifier({
              hasher,
              signer: new VerdictSigner(settings.VERDICT_SECRET),
              store: verdicts,
              clock: systemClock,
            }),
        },
        {
          provide: RevocationPublisher,
          useValue: new RevocationPublisher({
            log,
            record: new IdentityInDatabase(database),
            clock: systemClock,
            timings: DEFAULT_TIMINGS,
          }),
        },
        {
          provide: OutboxRelay,
          inject: [OutboxInDatabase],
          useFactory: (outbox: OutboxInDatabase) =>
            new OutboxRelay({ outbox, log, clock: systemClock, timings: DEFAULT_TIMINGS }),
        },
      ],
    };
  }
}
