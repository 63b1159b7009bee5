import { systemClock } from '#libs/clock';
import { RedisLog } from '#libs/revocations';
import { createLog, runProcess } from '#libs/service';
import { readSettings, secretValues } from '#libs/settings';
import { keysSettings } from './keys-settings.js';
import { RedisVerdicts } from './secrets/redis-verdicts.js';
import { startKeys } from './start-keys.js';

await runProcess(async () => {
  const settings = readSettings(keysSettings, process.env);
  const log = createLog({
    service: 'keys',
    level: settings.LOG_LEVEL,
    secrets: secretValues(keysSettings, settings),
  });
  const redis = {
    url: settings.REDIS_URL,
    password: settings.REDIS_PASSWORD,
    sentinelPassword: settings.REDIS_SENTINEL_PASSWORD,
    ca: settings.REDIS_TLS_CA,
    prefix: settings.REDIS_PREFIX,
    onSetup: (level: 'error' | 'warn', sentence: string) => log[level](sentence),
  };
  const [revocations, verdicts] = await Promise.all([
    RedisLog.connect({
      ...redis,
      as: 'publisher',
      doorbell: {
        onSilent: (err) =>
          log.warn(
            { err },
            'the doorbell of acknowledgments does not work: each revocation takes a moment longer',
          ),
        onBack: () => log.warn('the doorbell of acknowledgments works again'),
      },
      onError: (err) => log.debug({ err }, 'redis'),
      onDoorbellRefused: (channel) =>
        log.error(
          `The Redis user may not publish to ${channel}: each revocation takes up to half a second longer. See "Users of Redis" in docs/operations.md.`,
        ),
    }),
    RedisVerdicts.connect({
      ...redis,
      clock: systemClock,
      onTrouble: (err) => log.warn({ err }, 'verdicts cannot be kept: bcrypt runs again after a restart'),
    }),
  ]);
  const close = async (): Promise<void> => {
    verdicts.close();
    await revocations.close();
  };
  try {
    const probes = { revocations: revocations.probe, verdicts: verdicts.probe };
    const keys = await startKeys(settings, log, revocations, verdicts, probes);
    log.info({ manage: keys.url, verifyPort: settings.KEYS_VERIFY_PORT }, 'keys is ready');
    return {
      ...keys,
      stop: async () => {
        await keys.stop();
        await close();
      },
    };
  } catch (err) {
    await close();
    throw err;
  }
});
