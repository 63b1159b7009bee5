import { runProcess } from '#libs/service';
import { readSettings } from '#libs/settings';
import { distributeSecrets } from './distribute-secrets.js';
import { secretsSettings } from './secrets-settings.js';

await runProcess(async () => {
  const { SECRETS_DIR: folder, SECRETS_FOR: consumers } = readSettings(secretsSettings, process.env);
  for (const consumer of consumers) await distributeSecrets(folder, consumer);
  // Nothing keeps the process running: it exits here.
  return { stop: () => Promise.resolve() };
});
