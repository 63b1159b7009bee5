import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { dashboardSettings } from '../../apps/dashboard/src/dashboard-settings.js';
import { gatewaySettings } from '../../apps/gateway/src/gateway-settings.js';
import { keysSettings } from '../../apps/keys/src/keys-settings.js';
import { migrateSettings } from '../../apps/keys/src/migrate/migrate-settings.js';
import { secretsSettings } from '../../apps/provision-secrets/src/secrets-settings.js';
import { redisUsers } from '../security/redis-users.js';
import { exampleSettings } from '../../examples/desktops/src/example-settings.js';

const ROOT = join(import.meta.dirname, '../../..');
const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
const operations = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
// A duplicate name is an error.
const { services } = parse(text, { merge: true });

const SCHEMAS = {
  migrate: migrateSettings,
  keys: keysSettings,
  gateway: gatewaySettings,
  dashboard: dashboardSettings,
  example: exampleSettings,
  secrets: secretsSettings,
};
const settingsOf = (service: string): Record<string, string> => services[service].environment;

describe('docker-compose.yml', () => {
  it.each(Object.entries(SCHEMAS))('only uses existing settings: %s', (service, schema) => {
    const known = Object.keys(schema.shape);
    const given = Object.keys(settingsOf(service)).map((name) => name.replace(/_FILE$/, ''));
    expect(given.filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each(['migrate', 'keys', 'gateway', 'dashboard'])(
    'distributes exactly the secrets that are read: %s',
    (service) => {
      const handedOut = secretsSettings.shape.SECRETS_FOR.parse(settingsOf('secrets').SECRETS_FOR);
      const read = Object.entries(settingsOf(service)).filter(([name]) => name.endsWith('_FILE'));
      expect(read.map(([, path]) => basename(path)).sort()).toEqual(
        [...(handedOut.find(({ name }) => name === service)?.secrets ?? [])].sort(),
      );
    },
  );

  it('gives the Redis users of keys and gateways the rights that they need, and others none', () => {
    const lines: string[] = services.redis.command.at(-1).split('\n');
    const users = lines.filter((line) => line.startsWith('user '));
    expect(users).toEqual([
      'user default reset on nopass +ping',
      ...Object.entries(redisUsers()).map(
        ([user, rules]) =>
          `user ${user} reset on >$$(cat /run/secrets/redis-${user}-password) ${rules.join(' ')}`,
      ),
    ]);
    for (const user of ['keys', 'gateway'])
      expect(new URL(settingsOf(user).REDIS_URL ?? '').username).toBe(user);
  });

  it('publishes only the balancer and the dashboard, and only on this machine', () => {
    const published = Object.entries<{ ports?: string[] }>(services).flatMap(([name, { ports = [] }]) =>
      ports.map((port) => `${name} ${port.split(':', 1)[0]}`),
    );
    expect(published).toEqual(['balancer 127.0.0.1', 'dashboard 127.0.0.1']);
  });

  it('gives containers read-only file systems, no way to gain privileges, and limited memory', () => {
    for (const service of Object.values<Record<string, unknown>>(services)) {
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        mem_limit: expect.any(String),
        pids_limit: expect.any(Number),
      });
    }
  });

  it('gets a catalogue as docs/operations.md says', () => {
    const [, override = ''] = /```yaml\n(services:[^]*?)```/.exec(operations) ?? [];
    for (const service of ['keys', 'gateway'])
      expect(parse(override).services[service]).toEqual({
        environment: { CATALOGUE_FILE: '/etc/catalogue.yaml' },
        volumes: ['./catalogue.yaml:/etc/catalogue.yaml:ro'],
      });
    expect(Object.keys(parse(override).services)).toEqual(['keys', 'gateway']);
  });

  it('gets the settings of examples/desktops/docker.env', () => {
    const lines = readFileSync(join(ROOT, 'examples/desktops/docker.env'), 'utf8').trim().split('\n');
    const names = lines.flatMap((line) => (line.startsWith('#') ? [] : [line.split('=', 1)[0]]));
    for (const name of names.filter((name) => name !== 'COMPOSE_PROFILES'))
      expect(text).toContain(`\${${name}:-}`);
  });
});
