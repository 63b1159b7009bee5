import { describe, expect, it } from '@jest/globals';
import { isSecret } from '#libs/settings';
import { cliSettings } from '../../apps/cli/src/cli-settings.js';
import { dashboardSettings } from '../../apps/dashboard/src/dashboard-settings.js';
import { gatewaySettings } from '../../apps/gateway/src/gateway-settings.js';
import { keysSettings } from '../../apps/keys/src/keys-settings.js';
import { migrateSettings } from '../../apps/keys/src/migrate/migrate-settings.js';
import { secretsSettings } from '../../apps/provision-secrets/src/secrets-settings.js';
import { standaloneSettings } from '../../apps/standalone/src/standalone-settings.js';
import { exampleSettings } from '../../examples/desktops/src/example-settings.js';

const SCHEMAS = {
  keys: keysSettings,
  migrate: migrateSettings,
  gateway: gatewaySettings,
  dashboard: dashboardSettings,
  standalone: standaloneSettings,
  'command line': cliSettings,
  example: exampleSettings,
  'provision-secrets': secretsSettings,
};

/** Names of secret settings. */
const LOOKS_SECRET = /_(?:SECRET|TOKEN|PASSWORD|PASSPHRASE|CREDENTIALS?|TLS_KEY|PRIVATE_KEY|API_KEY)$/;

describe.each(Object.entries(SCHEMAS))('the settings of %s', (_, { shape }) => {
  it('are marked as secret exactly if their names say so', () => {
    const fields = Object.entries(shape);
    const marked = fields.filter(([, field]) => isSecret(field)).map(([name]) => name);
    expect(marked).toEqual(fields.map(([name]) => name).filter((name) => LOOKS_SECRET.test(name)));
  });
});
