import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Logger,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { KeyFormat } from '#libs/key-format';
import { VerifyClient } from '#libs/keys-client';
import {
  DEFAULT_TIMINGS,
  RevocationFollower,
  type RevocationLog,
  type Target,
  systemClock,
} from '#libs/revocations';
import { type Authentication, Authenticator } from './authenticator.js';
import { Challenges } from './challenges.js';
import { DeclaredRoutes } from './declared-routes.js';
import { KeyGuard, KeyPrefix } from './key.guard.js';
import { OpenResponses } from './open-responses.js';
import { PrincipalCache } from './principal-cache.js';
import { FollowedLog, type RevocationSource } from './followed-log.js';
import { type RateLimitOptions, RequestLimits } from './request-limits.js';
import { UsedKeys } from './used-keys.js';

export interface KeyGuardOptions {
  /** The verify door of keys: `tcp://keys:3002` or `tls://keys:3002`, several with commas between them. */
  readonly keysUrl: string;
  /** The credential of that door, `KEYS_VERIFY_TOKEN`. */
  readonly verifyToken: string;
  /** Certificates (PEM) to trust for `tls://`, instead of the system's. */
  readonly ca?: string | undefined;
  /** The tag secrets of the deployment, `KEY_TAG_SECRET`: the same as at keys. */
  readonly tagSecrets: readonly string[];
  readonly revocations: RevocationSource;
  /** How much each key, and each address that sends keys, is allowed; `'none'`: as much as they like. */
  readonly rateLimits?: RateLimitOptions | 'none';
  /** How keys begin; `sk_live` unless told otherwise. */
  readonly keyPrefix?: string;
  /** What the challenges call the protected space (RFC 9110 section 11.5). */
  readonly realm?: string;
  /** How many principals are kept, for up to 10 seconds each. */
  readonly cacheSize?: number;
  /** How often keys is told which keys were used, in seconds; 20 unless told otherwise. */
  readonly lastUsedEverySeconds?: number;
}

/**
 * Guards every route of a Nest application, on Express or Fastify, with API keys. A route says who may call it by
 * `@Capabilities(...)`, `@AnyValidKey()` or `@Public()`; one that does not stops the start.
 */
@Module({})
export class KeyGuardModule
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  readonly #logger = new Logger(KeyGuardModule.name);

  constructor(
    private readonly follower: RevocationFollower,
    private readonly client: VerifyClient,
    private readonly source: FollowedLog,
    private readonly open: OpenResponses,
    private readonly limits: RequestLimits,
  ) {}

  static register(options: KeyGuardOptions): DynamicModule {
    const { keyPrefix = 'sk_live', realm = 'api', cacheSize = 100_000, rateLimits = {} } = options;
    const { keysUrl, verifyToken, ca, revocations } = options;
    const { lastUsedEverySeconds = 20 } = options;
    const client = new VerifyClient({
      url: keysUrl,
      credential: verifyToken,
      ...(ca !== undefined && { ca }),
    });
    const format = new KeyFormat({ prefix: keyPrefix, tagSecrets: options.tagSecrets });
    const everyMs = lastUsedEverySeconds * 1000;
    const used = new UsedKeys({ reporter: client, clock: systemClock, everyMs });
    return {
      module: KeyGuardModule,
      imports: [DiscoveryModule],
      providers: [
        DeclaredRoutes,
        { provide: APP_GUARD, useClass: KeyGuard },
        { provide: KeyPrefix, useValue: new KeyPrefix(keyPrefix) },
        { provide: Challenges, useValue: new Challenges(realm) },
        { provide: VerifyClient, useValue: client },
        { provide: FollowedLog, useFactory: () => FollowedLog.open(revocations) },
        {
          provide: Core,
          inject: [FollowedLog],
          useFactory: ({ log }: FollowedLog) => new Core({ log, format, client, cacheSize, used }),
        },
        { provide: UsedKeys, useValue: used },
        {
          provide: RequestLimits,
          inject: [FollowedLog],
          useFactory: ({ log }: FollowedLog) => RequestLimits.open(rateLimits, revocations, log),
        },
        { provide: RevocationFollower, inject: [Core], useFactory: ({ follower }: Core) => follower },
        { provide: Authenticator, inject: [Core], useFactory: ({ authenticator }: Core) => authenticator },
        { provide: OpenResponses, inject: [Core], useFactory: ({ open }: Core) => open },
      ],
      exports: [VerifyClient, RevocationFollower],
    };
  }

  onApplicationBootstrap(): void {
    void this.open.start();
    this.limits.start();
    if (!this.source.isFollowed) return;
    this.follower.start((cause) =>
      this.#logger.error({ err: cause, msg: 'revocations cannot be followed: no cached key is used' }),
    );
  }

  /** Before the last requests are finished: from here on they are verified at keys, and no revocation waits for us. */
  async beforeApplicationShutdown(): Promise<void> {
    if (this.source.isFollowed) await this.follower.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    this.open.stop();
    this.client.close();
    await this.limits.close();
    await this.source.close();
  }
}

/** What decides about keys, and what hears of those that were dropped: each needs the other. */
class Core {
  readonly follower: RevocationFollower;
  readonly authenticator: Authenticator;
  readonly open: OpenResponses;

  constructor(parts: {
    log: RevocationLog;
    format: KeyFormat;
    client: VerifyClient;
    cacheSize: number;
    used: UsedKeys;
  }) {
    const { log, format, client: verifier, cacheSize: size, used } = parts;
    const [clock, timings, { cacheTtlMs }] = [systemClock, DEFAULT_TIMINGS, DEFAULT_TIMINGS];
    const cache = new PrincipalCache({ clock, cacheTtlMs, size });
    const drop = (target: Target): void => {
      cache.drop(target);
      this.open.drop(target);
    };
    this.follower = new RevocationFollower({ log, cache: { drop }, clock, timings });
    this.authenticator = new Authenticator({ format, cache, verifier, lease: this.follower, used });
    const authenticate = (token: string): Promise<Authentication> => this.authenticator.authenticate(token);
    this.open = new OpenResponses({ authenticate, clock, cacheTtlMs });
  }
}
