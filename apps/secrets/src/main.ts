import { runProcess } from '#libs/service';
import { readSettings } from '#libs/settings';
import { handOut } from './hand-out.js';
import { secretsSettings } from './secrets-settings.js';

await runProcess(async () => {
  const { SECRETS_DIR: folder, SECRETS_FOR: consumers } = readSettings(secretsSettings, process.env);
  for (const consumer of consumers) await handOut(folder, consumer);
  // Nothing runs on: the process ends here.
  return { stop: () => Promise.resolve() };
});
