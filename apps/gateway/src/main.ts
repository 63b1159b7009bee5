import { createLog, runProcess } from '#libs/service';
import { readSettings, secretValues } from '#libs/settings';
import { gatewaySettings } from './gateway-settings.js';
import { startGateway } from './start-gateway.js';

await runProcess(async () => {
  const settings = readSettings(gatewaySettings, process.env);
  const log = createLog({
    service: 'gateway',
    level: settings.LOG_LEVEL,
    secrets: secretValues(gatewaySettings, settings),
  });
  const gateway = await startGateway(settings, log, {
    redisUrl: settings.REDIS_URL,
    password: settings.REDIS_PASSWORD,
    sentinelPassword: settings.REDIS_SENTINEL_PASSWORD,
    ca: settings.REDIS_TLS_CA,
    prefix: settings.REDIS_PREFIX,
  });
  log.info({ url: gateway.url }, 'gateway is ready');
  return gateway;
});
