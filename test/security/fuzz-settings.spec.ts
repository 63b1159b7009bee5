import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fastify } from 'fastify';
import { z } from 'zod';

import { connectionTo, describeUrl } from '#libs/postgres';
import { connectRedis } from '#libs/redis';
import { SettingsError, readSettings } from '#libs/settings';
import { cliSettings } from '../../apps/cli/src/cli-settings.js';
import { dashboardSettings } from '../../apps/dashboard/src/dashboard-settings.js';
import { readSignInOptions } from '../../apps/dashboard/src/sign-in/sign-in-options.js';
import { Upstream } from '../../apps/gateway/src/forwarding/upstream.js';
import { gatewaySettings } from '../../apps/gateway/src/gateway-settings.js';
import { keysSettings } from '../../apps/keys/src/keys-settings.js';
import { tlsOf } from '../../apps/keys/src/tls.js';
import { secretsSettings } from '../../apps/provision-secrets/src/secrets-settings.js';
import { standaloneSettings } from '../../apps/standalone/src/standalone-settings.js';
import { exampleSettings } from '../../examples/desktops/src/example-settings.js';
import { parseEndpoints } from '../../libs/keys-client/src/endpoints.js';

const SCHEMAS = {
  keys: keysSettings,
  gateway: gatewaySettings,
  dashboard: dashboardSettings,
  standalone: standaloneSettings,
  'command line': cliSettings,
  example: exampleSettings,
  secrets: secretsSettings,
};

/** What an environment variable may contain: anything but a zero byte, which the system does not allow. */
const text = fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\0', ''));

/** Examples of valid settings. */
const RIGHT = [
  '3000',
  '0.0.0.0',
  'https://api.example.com/base',
  'postgres://keys:secret@db:5432/keys?sslmode=verify-full',
  'postgres:///keys?host=/var/run/postgresql&user=keys',
  'redis://keys:secret@redis:6379/0',
  'rediss+sentinel://:secret@a:26379,b/mymaster/0',
  'tcp://keys-1:3002,tls://[::1]:3002',
  '10.0.0.7,10.1.0.0/16,2001:db8::/32',
  'https://app.example.com,https://admin.example.com',
  'sk_live',
  'x'.repeat(40),
  'keys:1000=verify-token',
  'title: A\ngroups: [{ name: a, title: A }]\ncapabilities: [{ name: a, title: A, description: A, group: a }]\n',
  '-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----',
];

/** Similar to one of these: a part of it, with something inserted. */
const nearlyRight = fc
  .tuple(
    fc.constantFrom(...RIGHT),
    fc.nat(80),
    fc.nat(80),
    fc.oneof(text, fc.constantFrom('', '%', '@', '[', ',', ' ', '/')),
  )
  .map(([right, from, to, put]) => right.slice(0, from) + put + right.slice(to));

const anything = fc.oneof(text, nearlyRight, fc.constantFrom(...RIGHT));

/** How accepted settings are used at start. */
const USES: Readonly<Record<string, (value: string) => unknown>> = {
  DATABASE_URL: (value) => [connectionTo(value, { password: 'x' }), describeUrl(value)],
  DASHBOARD_DATABASE_URL: (value) => [connectionTo(value, { password: 'x' }), describeUrl(value)],
  KEYS_VERIFY_URL: parseEndpoints,
  UPSTREAM_DESKTOPS_URL: (value) =>
    new Upstream('kb', value, { connectMs: 1, answerMs: 1, workMs: 1, silenceMs: 1, connections: 1 }),
  TRUSTED_PROXIES: (value) => fastify({ trustProxy: value.split(',').map((one) => one.trim()) }),
};

/** Reads one setting; undefined if it is refused as it should be: by a sentence that does not repeat it. */
function read(name: string, field: z.ZodType, value: string): unknown {
  try {
    return readSettings(z.object({ [name]: field }), { [name]: value })[name];
  } catch (err) {
    if (!(err instanceof SettingsError)) throw err;
    expect(err.problems).toHaveLength(1);
    expect(err.message).toMatch(new RegExp(`^${name} (must|names|is missing: it must) .*\\.$`, 's'));
    // Sentences quote parts of valid examples.
    const isQuoted = RIGHT.some((right) => right.includes(value.trim()));
    if (value.length > 8 && !isQuoted) expect(err.message).not.toContain(value);
    return undefined;
  }
}

describe.each(Object.entries(SCHEMAS))('a setting of %s', (_app, schema) => {
  it.each(Object.entries(schema.shape))(
    '%s is accepted and usable, or refused with a sentence',
    (name, field) => {
      const use = USES[name] ?? (() => undefined);
      fc.assert(
        fc.property(anything, (value) => {
          if (read(name, field, value) !== undefined && value !== '') use(value);
        }),
        { numRuns: 300 },
      );
    },
  );
});

describe('settings that belong together', () => {
  it('of sign-in are accepted, or refused with sentences', () => {
    const good = { GATEWAY_URL: 'http://g', KEYS_MANAGE_URL: 'http://k', KEYS_MANAGE_TOKEN: 'x'.repeat(40) };
    const names = [
      'DASHBOARD_URL',
      'DASHBOARD_HOST',
      'OIDC_ISSUER',
      'OIDC_CLIENT_ID',
      'OIDC_CLIENT_SECRET',
      'NODE_ENV',
    ];
    const given = fc.record(
      Object.fromEntries(names.map((name) => [name, fc.oneof(anything, fc.constant(''))])),
    );
    const required = { DASHBOARD_SECRET: 'x'.repeat(40), DASHBOARD_DATABASE_URL: 'postgres://d/d', ...good };
    fc.assert(
      fc.property(given, (env) => {
        try {
          readSignInOptions(readSettings(dashboardSettings, { ...required, ...env }));
        } catch (err) {
          if (!(err instanceof SettingsError)) throw err;
        }
      }),
    );
  });

  it('of TLS are accepted, or refused with a sentence', () => {
    const schema = keysSettings.pick({ KEYS_TLS_CERT: true, KEYS_TLS_KEY: true });
    fc.assert(
      fc.property(anything, anything, (KEYS_TLS_CERT, KEYS_TLS_KEY) => {
        try {
          tlsOf(readSettings(schema, { KEYS_TLS_CERT, KEYS_TLS_KEY }));
        } catch (err) {
          if (!(err instanceof SettingsError)) throw err;
        }
      }),
    );
  });

  it('of Redis lead to a connection, or are refused with a sentence', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (url) => {
        if (read('REDIS_URL', keysSettings.shape.REDIS_URL, url) === undefined || url === '') return;
        // To nowhere: what a URL says is of interest, not what is there.
        const somewhere = url.replace(/(:\/\/(?:[^@/]*@)?)[^/]*/, (_, before) => `${before}127.0.0.1:1`);
        const redis = await connectRedis({ url: somewhere, onError: () => undefined });
        redis.disconnect();
      }),
      { numRuns: 100 },
    );
  });
});
