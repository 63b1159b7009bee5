import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { KeyVerifier } from '#libs/key-verifier';

/**
 * Whether keys can be verified, for Terminus: `health.check([() => this.keyGuard.isHealthy('keys')])`. Use it for readiness,
 * never for liveness: a restart does not bring the keys service back.
 */
@Injectable()
export class KeyGuardHealthIndicator {
  constructor(
    private readonly verifier: KeyVerifier,
    private readonly indicator: HealthIndicatorService,
  ) {}

  /**
   * Down if no replica of keys can verify. Otherwise up, with whether the guard holds its lease (without it, each request is
   * verified at keys) and the mistakes in its setup. Never rejects.
   */
  async isHealthy<const Key extends string>(key: Key): Promise<HealthIndicatorResult<Key>> {
    const { client, stats, setup } = this.verifier;
    const check = this.indicator.check(key);
    const details = {
      holdsLease: stats.holdsLease,
      mistakes: setup.mistakes.map(({ sentence }) => sentence),
    };
    return (await client.isReady()) ? check.up(details) : check.down(details);
  }
}
