import { type SettingDescription, describeSettings } from '#libs/settings';
import { cliSettings } from '../../apps/cli/src/cli-settings.js';
import { dashboardSettings } from '../../apps/dashboard/src/dashboard-settings.js';
import { gatewaySettings } from '../../apps/gateway/src/gateway-settings.js';
import { keysSettings } from '../../apps/keys/src/keys-settings.js';
import { migrateSettings } from '../../apps/keys/src/migrate/migrate-settings.js';
import { secretsSettings } from '../../apps/provision-secrets/src/secrets-settings.js';
import { exampleSettings } from '../../examples/desktops/src/example-settings.js';
import { standaloneSettings } from '../../apps/standalone/src/standalone-settings.js';

const APPS = [
  { name: 'keys', schema: keysSettings },
  { name: 'migrate, which migrates the database of keys', schema: migrateSettings },
  { name: 'gateway', schema: gatewaySettings },
  { name: 'dashboard', schema: dashboardSettings },
  { name: 'npm start, besides those of keys, gateway and dashboard', schema: standaloneSettings },
  { name: 'examples/desktops, when it runs alone', schema: exampleSettings },
  { name: 'The command line', schema: cliSettings },
  { name: 'secrets, for Docker', schema: secretsSettings },
];

const BETWEEN = /(<!-- settings -->\n)[^]*(<!-- \/settings -->)/;

/** docs/operations.md with the tables generated from the code. */
export function withSettingsTables(document: string): string {
  const tables = APPS.map(
    ({ name, schema }) => `### ${name}\n\n${settingsTable(describeSettings(schema))}\n`,
  ).join('\n');
  return document.replace(BETWEEN, `$1\n${tables}\n$2`);
}

/** A table of settings. */
export function settingsTable(settings: readonly SettingDescription[]): string {
  const rows = settings.map(({ name, what, fallback }) => {
    const shown = fallback === 'required' || fallback === 'not set' ? fallback : `\`${fallback}\``;
    return `| \`${name}\` | ${what} | ${shown} |`;
  });
  return ['| setting | what | default |', '|---|---|---|', ...rows].join('\n');
}
