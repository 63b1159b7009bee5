import { Logger } from '@nestjs/common';
import { KeyFormat } from '#libs/key-format';
import { VerifyClient } from '#libs/keys-client';
import { systemClock } from '#libs/clock';
import {
  DEFAULT_TIMINGS,
  type Invalidatable,
  RevocationFollower,
  type Invalidation,
} from '#libs/revocations';
import { Admission } from './admission/admission.js';
import { Authenticator } from './authentication/authenticator.js';
import { Challenges } from './admission/challenges.js';
import { FollowedLog } from './followed-log.js';
import { GuardStats } from './guard-stats.js';
import { KeyActivity } from './reports/key-activity.js';
import { KnownKeys } from './authentication/known-keys.js';
import { OpenResponses } from './responses/open-responses.js';
import type { KeyGuardOptions } from './options.js';
import { PrincipalCache } from './authentication/principal-cache.js';
import { RequestLimits } from './limits/request-limits.js';
import { UnroutedRequests } from './admission/unrouted-requests.js';
import { UsedKeys } from './reports/used-keys.js';

/** The parts of a guard: wired and started together, and stopped in the order that keeps revocations effective. */
export class KeyGuardRuntime {
  readonly client: VerifyClient;
  readonly follower: RevocationFollower;
  readonly admission: Admission;
  readonly stats: GuardStats;
  readonly unrouted: UnroutedRequests;
  readonly throwsRefusals: boolean;
  readonly readBody: KeyGuardOptions['readBody'];
  readonly #log: FollowedLog;
  readonly #limits: RequestLimits;
  readonly #open: OpenResponses;
  readonly #used: UsedKeys;
  readonly #activity: KeyActivity;
  readonly #logger = new Logger('KeyGuard');

  static async open(options: KeyGuardOptions): Promise<KeyGuardRuntime> {
    const { rateLimits = {}, revocations } = options;
    const log = await FollowedLog.open(revocations);
    return new KeyGuardRuntime(options, log, await RequestLimits.open(rateLimits, revocations, log.log));
  }

  private constructor(options: KeyGuardOptions, log: FollowedLog, limits: RequestLimits) {
    const { keysUrl, verifyToken, ca, tagSecrets, keyPrefix = 'sk_live', realm = 'api' } = options;
    const { cacheSize = 100_000, lastUsedEverySeconds = 20, tracing } = options;
    const [clock, timings] = [systemClock, DEFAULT_TIMINGS];
    this.throwsRefusals = options.throwsRefusals === true;
    this.readBody = options.readBody;
    this.#log = log;
    this.#limits = limits;
    this.client = new VerifyClient({
      url: keysUrl,
      credential: verifyToken,
      ...(ca !== undefined && { ca }),
      ...(tracing !== undefined && { tracing }),
    });
    const reports = { reporter: this.client, clock, everyMs: lastUsedEverySeconds * 1000 };
    this.#used = new UsedKeys(reports);
    this.#activity = new KeyActivity(reports);
    const cache = new PrincipalCache({ clock, ...timings, size: cacheSize });
    const invalidated = new Invalidatables(cache);
    this.follower = new RevocationFollower({ log: log.log, cache: invalidated, clock, timings });
    const format = new KeyFormat({ prefix: keyPrefix, tagSecrets });
    const authenticator = new Authenticator({
      format,
      cache,
      verifier: this.client,
      lease: this.follower,
      used: this.#used,
    });
    this.#open = new OpenResponses({ authenticator, clock, lease: this.follower, timings });
    invalidated.add(this.#open);
    this.stats = new GuardStats({
      authenticator,
      cache,
      cacheSize,
      open: this.#open,
      limits,
      log,
      follower: this.follower,
      used: this.#used,
      activity: this.#activity,
    });
    this.unrouted = new UnroutedRequests({ authenticator, activity: this.#activity, keyPrefix });
    const challenges = new Challenges(realm);
    this.admission = new Admission({
      authenticator,
      knownKeys: new KnownKeys(format),
      open: this.#open,
      limits,
      activity: this.#activity,
      challenges,
      keyPrefix,
    });
  }

  start(): void {
    this.#used.start();
    this.#activity.start();
    this.#open.start();
    this.#limits.start();
    if (!this.#log.isFollowed) return;
    this.follower.start((cause) =>
      this.#logger.error({ err: cause, msg: 'revocations cannot be followed: no cached key is used' }),
    );
  }

  /** Called before the last requests are finished: those are verified at keys, and no revocation waits for this guard. */
  async leave(): Promise<void> {
    if (this.#log.isFollowed) await this.follower.stop();
  }

  /** Called after the last requests are finished. */
  async stop(): Promise<void> {
    await Promise.all([this.#open.stop(), this.#used.stop(), this.#activity.stop()]);
    this.client.close();
    await this.#limits.close();
    await this.#log.close();
  }
}

/** Everything that a revocation may affect, in the required order: the cache before what asks it again. */
class Invalidatables implements Invalidatable {
  readonly #members: Invalidatable[];

  constructor(...members: Invalidatable[]) {
    this.#members = members;
  }

  add(member: Invalidatable): void {
    this.#members.push(member);
  }

  invalidate(target: Invalidation): void {
    for (const member of this.#members) member.invalidate(target);
  }
}
