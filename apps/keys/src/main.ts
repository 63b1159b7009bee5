import { RedisLog } from '#libs/revocations';
import { createLog, runProcess } from '#libs/service';
import { readSettings } from '#libs/settings';
import { keysSettings } from './keys-settings.js';
import { startKeys } from './start-keys.js';

await runProcess(async () => {
  const settings = readSettings(keysSettings, process.env);
  const log = createLog({
    service: 'keys',
    level: settings.LOG_LEVEL,
    secrets: [
      ...settings.KEYS_MANAGE_TOKEN,
      ...settings.KEYS_VERIFY_TOKEN,
      ...settings.KEY_TAG_SECRET,
      settings.DATABASE_PASSWORD ?? '',
      settings.REDIS_PASSWORD ?? '',
    ],
  });
  const revocations = await RedisLog.connect({
    url: settings.REDIS_URL,
    password: settings.REDIS_PASSWORD,
    onError: (err) => log.debug({ err }, 'redis'),
  });
  try {
    const keys = await startKeys(settings, log, revocations);
    log.info({ manage: keys.url, verifyPort: settings.KEYS_VERIFY_PORT }, 'keys is ready');
    return {
      stop: async () => {
        await keys.stop();
        await revocations.close();
      },
    };
  } catch (err) {
    await revocations.close();
    throw err;
  }
});
