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
import { DEFAULT_TIMINGS, RevocationFollower, systemClock } from '#libs/revocations';
import { Authenticator } from './authenticator.js';
import { Challenges } from './challenges.js';
import { DeclaredRoutes } from './declared-routes.js';
import { KeyGuard, KeyPrefix } from './key.guard.js';
import { PrincipalCache } from './principal-cache.js';
import { FollowedLog, type RevocationSource } from './followed-log.js';

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
  /** How keys begin; `sk_live` unless told otherwise. */
  readonly keyPrefix?: string;
  /** What the challenges call the protected space (RFC 9110 section 11.5). */
  readonly realm?: string;
  /** How many principals are kept, for up to 10 seconds each. */
  readonly cacheSize?: number;
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
  ) {}

  static register(options: KeyGuardOptions): DynamicModule {
    const { keyPrefix = 'sk_live', realm = 'api', cacheSize = 100_000, keysUrl, verifyToken, ca } = options;
    const clock = systemClock;
    const timings = DEFAULT_TIMINGS;
    const client = new VerifyClient({
      url: keysUrl,
      credential: verifyToken,
      ...(ca !== undefined && { ca }),
    });
    const format = new KeyFormat({ prefix: keyPrefix, tagSecrets: options.tagSecrets });
    const cache = new PrincipalCache({ clock, cacheTtlMs: timings.cacheTtlMs, size: cacheSize });
    return {
      module: KeyGuardModule,
      imports: [DiscoveryModule],
      providers: [
        DeclaredRoutes,
        { provide: APP_GUARD, useClass: KeyGuard },
        { provide: KeyPrefix, useValue: new KeyPrefix(keyPrefix) },
        { provide: Challenges, useValue: new Challenges(realm) },
        { provide: VerifyClient, useValue: client },
        { provide: FollowedLog, useFactory: () => FollowedLog.open(options.revocations) },
        {
          provide: RevocationFollower,
          inject: [FollowedLog],
          useFactory: ({ log }: FollowedLog) => new RevocationFollower({ log, cache, clock, timings }),
        },
        {
          provide: Authenticator,
          inject: [RevocationFollower],
          useFactory: (lease: RevocationFollower) =>
            new Authenticator({ format, cache, verifier: client, lease }),
        },
      ],
      exports: [VerifyClient, RevocationFollower],
    };
  }

  onApplicationBootstrap(): void {
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
    this.client.close();
    await this.source.close();
  }
}
