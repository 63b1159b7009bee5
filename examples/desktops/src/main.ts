import { createLog, runProcess } from '#libs/service';
import { readSettings } from '#libs/settings';
import { exampleSettings } from './example-settings.js';
import { startExample } from './start-example.js';

await runProcess(async () => {
  const settings = readSettings(exampleSettings, process.env);
  // It has no secrets: it verifies identities with public keys.
  const log = createLog({ service: 'example', level: settings.LOG_LEVEL, secrets: [] });
  const example = await startExample(settings, log, { jwksUrl: settings.IDENTITY_JWKS_URL });
  log.info({ url: example.url }, 'example is ready');
  return example;
});
