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
import { Authenticator, type KeyReader } from './authentication/authenticator.js';
import { Challenges } from './admission/challenges.js';
import { ExposedKeys } from './reports/exposed-keys.js';
import { FollowedLog } from './followed-log.js';
import { GuardStats } from './guard-stats.js';
import { KeyActivity } from './reports/key-activity.js';
import { KnownKeys } from './authentication/known-keys.js';
import type { Log } from './log.js';
import { OpenResponses } from './responses/open-responses.js';
import type { EngineOptions, VerifierOptions } from './options.js';
import { PrincipalCache } from './authentication/principal-cache.js';
import { RequestLimits } from './limits/request-limits.js';
import { SetupCheck } from './setup-check.js';
import { UnroutedRequests } from './admission/unrouted-requests.js';
import { UsedKeys } from './reports/used-keys.js';

const DEFAULT_PREFIX = 'sk_live';

/** What is asked and told of keys: a `VerifyClient`. */
export type KeysService = Pick<
  VerifyClient,
  'verify' | 'report' | 'reportActivity' | 'reportExposure' | 'isReady' | 'catalogue' | 'tagSecrets' | 'close'
>;

/** What an engine has from outside. */
export interface VerifierParts {
  readonly client: KeysService;
  readonly format: KeyReader & Pick<KeyFormat, 'tagFingerprints'>;
  readonly followed: FollowedLog;
  readonly limits: RequestLimits;
  readonly log: Log;
}

/** The parts of a guard: wired and started together, and stopped in the order that keeps revocations effective. */
export class KeyVerifier {
  readonly client: KeysService;
  readonly setup: SetupCheck;
  readonly follower: RevocationFollower;
  readonly admission: Admission;
  readonly stats: GuardStats;
  readonly unrouted: UnroutedRequests;
  readonly exposed: ExposedKeys;
  readonly #followed: FollowedLog;
  readonly #limits: RequestLimits;
  readonly #open: OpenResponses;
  readonly #used: UsedKeys;
  readonly #activity: KeyActivity;
  readonly #log: Log;

  static async open(options: VerifierOptions, log: Log): Promise<KeyVerifier> {
    const { rateLimits = {}, revocations, keysUrl, verifyToken, ca, tracing } = options;
    const followed = await FollowedLog.open(revocations, log);
    const limits = await RequestLimits.open(rateLimits, revocations, followed.log, log);
    const client = new VerifyClient({
      url: keysUrl,
      credential: verifyToken,
      ...(ca !== undefined && { ca }),
      ...(tracing !== undefined && { tracing }),
    });
    const { tagSecrets, keyPrefix: prefix = DEFAULT_PREFIX } = options;
    const format = new KeyFormat({ prefix, tagSecrets });
    return new KeyVerifier(options, { client, format, followed, limits, log });
  }

  constructor(options: EngineOptions, { client, format, followed, limits, log }: VerifierParts) {
    const { keysUrl, keyPrefix = DEFAULT_PREFIX, realm = 'api' } = options;
    const { cacheSize = 100_000, lastUsedEverySeconds = 20 } = options;
    const [clock, timings] = [systemClock, DEFAULT_TIMINGS];
    this.#followed = followed;
    this.#log = log;
    this.#limits = limits;
    this.client = client;
    const { tagFingerprints } = format;
    this.setup = new SetupCheck({ client, clock, log, keysUrl, tagFingerprints });
    const reports = { reporter: client, clock, log, everyMs: lastUsedEverySeconds * 1000 };
    this.#used = new UsedKeys(reports);
    this.#activity = new KeyActivity(reports);
    const cache = new PrincipalCache({ clock, ...timings, size: cacheSize });
    const invalidated = new Invalidatables(cache);
    this.follower = new RevocationFollower({ log: followed.log, cache: invalidated, clock, timings });
    const authenticator = new Authenticator({
      format,
      cache,
      verifier: client,
      lease: this.follower,
      used: this.#used,
    });
    this.#open = new OpenResponses({ authenticator, clock, log, lease: this.follower, timings });
    invalidated.add(this.#open);
    this.stats = new GuardStats({
      authenticator,
      cache,
      cacheSize,
      open: this.#open,
      limits,
      log: followed,
      follower: this.follower,
      used: this.#used,
      activity: this.#activity,
    });
    this.unrouted = new UnroutedRequests({ authenticator, activity: this.#activity, keyPrefix, log });
    this.exposed = new ExposedKeys({ format, client, limits, keyPrefix });
    const challenges = new Challenges(realm);
    this.admission = new Admission({
      authenticator,
      knownKeys: new KnownKeys(format),
      open: this.#open,
      limits,
      activity: this.#activity,
      challenges,
      keyPrefix,
      log,
    });
  }

  start(): void {
    this.setup.start();
    this.#used.start();
    this.#activity.start();
    this.#open.start();
    this.#limits.start();
    if (!this.#followed.isFollowed) return;
    this.follower.start((cause) =>
      this.#log.error({ err: cause, msg: 'revocations cannot be followed: no cached key is used' }),
    );
  }

  /** Called before the last requests are finished: those are verified at keys, and no revocation waits for this guard. */
  async leave(): Promise<void> {
    if (this.#followed.isFollowed) await this.follower.stop();
  }

  /** Called after the last requests are finished. */
  async stop(): Promise<void> {
    const checked = this.setup.stop();
    await Promise.all([this.#open.stop(), this.#used.stop(), this.#activity.stop()]);
    this.client.close();
    await checked;
    await this.#limits.close();
    await this.#followed.close();
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
