import { Logger } from '@nestjs/common';
import type { RedisLocation, RedisProbe } from '#libs/redis';
import { InProcessLog, RedisLog, type RevocationLog } from '#libs/revocations';

/** Where revocations are learnt from. */
export type RevocationSource =
  /** The Redis that the keys service publishes to, or its sentinels: see `RedisLocation` of libs/redis. */
  | ({ readonly redisUrl: string } & Omit<RedisLocation, 'url'>)
  /** A log in this process, shared with a keys service in this process. */
  | { readonly log: RevocationLog }
  /** Nowhere: nothing is cached, and every request is verified at keys. */
  | 'none';

/** The log that is followed, and whether it is ours to close. */
export class FollowedLog {
  private constructor(
    readonly log: RevocationLog,
    readonly isFollowed: boolean,
    readonly close: () => Promise<void>,
    /** How its Redis does; undefined where there is none. */
    readonly probe?: RedisProbe,
    /** Whether the doorbell would ring; undefined where there is none. */
    readonly isDoorbellListening: () => boolean | undefined = () => undefined,
  ) {}

  static async open(source: RevocationSource): Promise<FollowedLog> {
    if (source === 'none') return new FollowedLog(new InProcessLog(), false, () => Promise.resolve());
    if ('log' in source) return new FollowedLog(source.log, true, () => Promise.resolve());
    const logger = new Logger(RedisLog.name);
    const { redisUrl: url, ...place } = source;
    const log = await RedisLog.connect({
      url,
      ...place,
      as: 'follower',
      onError: (err) => logger.debug(err.message),
      onSetup: (level, sentence) => logger[level](sentence),
      onUnknown: (number) =>
        logger.warn({ number, msg: 'an entry of the log of revocations is not known here: all is dropped' }),
      doorbell: {
        onSilent: (err) =>
          logger.warn({
            err,
            msg: 'the doorbell of revocations does not ring: each takes up to half a second longer',
          }),
        onBack: () => logger.warn('the doorbell of revocations rings again'),
      },
    });
    return new FollowedLog(
      log,
      true,
      () => log.close(),
      log.probe,
      () => log.isDoorbellListening,
    );
  }
}
