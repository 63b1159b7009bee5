import type { RedisLocation, RedisProbe } from '#libs/redis';
import { InProcessLog, RedisLog, type RevocationLog } from '#libs/revocations';
import type { Log } from './log.js';

/** Where the guard learns of revocations. */
export type RevocationSource =
  /** The Redis that the keys service publishes to, or its sentinels: see `RedisLocation` of libs/redis. */
  | ({ readonly redisUrl: string } & Omit<RedisLocation, 'url'>)
  /** A log in this process, shared with a keys service in this process. */
  | { readonly log: RevocationLog }
  /** Nowhere: nothing is cached, and every request is verified at keys. */
  | 'none';

/** The followed log, and whether the guard must close it. */
export class FollowedLog {
  private constructor(
    readonly log: RevocationLog,
    readonly isFollowed: boolean,
    readonly close: () => Promise<void>,
    /** The state of its Redis connection; undefined without Redis. */
    readonly probe?: RedisProbe,
    /** Whether the doorbell works; undefined without one. */
    readonly isDoorbellListening: () => boolean | undefined = () => undefined,
  ) {}

  static async open(source: RevocationSource, log: Log): Promise<FollowedLog> {
    if (source === 'none') return new FollowedLog(new InProcessLog(), false, () => Promise.resolve());
    if ('log' in source) return new FollowedLog(source.log, true, () => Promise.resolve());
    const { redisUrl: url, ...place } = source;
    const revocations = await RedisLog.connect({
      url,
      ...place,
      as: 'follower',
      onError: (err) => log.debug(err.message),
      onSetup: (level, sentence) => log[level](sentence),
      onUnknown: (number) =>
        log.warn({ number, msg: 'unknown entry in the revocation log: everything cached is dropped' }),
      doorbell: {
        onSilent: (err) =>
          log.warn({
            err,
            msg: 'the doorbell of revocations does not work: each takes up to half a second longer',
          }),
        onBack: () => log.warn('the doorbell of revocations works again'),
      },
    });
    return new FollowedLog(
      revocations,
      true,
      () => revocations.close(),
      revocations.probe,
      () => revocations.isDoorbellListening,
    );
  }
}
