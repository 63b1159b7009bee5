import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { generatedSecret } from './generated-secret.js';
import {
  integer,
  networks,
  oneOf,
  port,
  secret,
  secretText,
  secrets,
  serviceNames,
  text,
  url,
} from './kinds.js';
import { isSecret, secretValues } from './secret-settings.js';
import { type Environment, SettingsError, describeSettings, readSettings } from './settings.js';

const schema = z.object({
  PORT: port().default(3000).describe('Where it listens.'),
  REDIS_URL: url(['redis:', 'rediss:'], 'redis://localhost:6379').describe('Redis.'),
  TOKEN: secrets().describe('Credential.'),
  LEVEL: oneOf(['info', 'warn']).default('info').describe('Minimum level of log messages.'),
  TTL_SECONDS: integer({ min: 1, max: 60, unit: 'seconds' }).optional().describe('How long.'),
});
const good = { REDIS_URL: 'redis://localhost:6379', TOKEN: 'x'.repeat(32) };

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'settings-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function problemsOf(env: Environment): readonly string[] {
  try {
    readSettings(schema, env);
  } catch (err) {
    if (err instanceof SettingsError) return err.problems;
    throw err;
  }
  throw new Error('these settings were accepted');
}

describe('settings', () => {
  it('are read with their types, and defaults if absent or empty', () => {
    expect(readSettings(schema, { ...good, PORT: '8080', LEVEL: '' })).toEqual({
      PORT: 8080,
      REDIS_URL: 'redis://localhost:6379',
      TOKEN: ['x'.repeat(32)],
      LEVEL: 'info',
    });
  });

  it('come from the file that NAME_FILE names', () => {
    const path = join(folder, 'token');
    writeFileSync(path, `${'a'.repeat(40)},${'b'.repeat(40)}\n`);
    const { TOKEN } = readSettings(schema, { REDIS_URL: good.REDIS_URL, TOKEN_FILE: path });
    expect(TOKEN).toEqual(['a'.repeat(40), 'b'.repeat(40)]);
  });

  it.each([
    ['a port that is a word', { PORT: 'http' }, 'PORT must be an integer from 0 to 65535.'],
    ['a port too large', { PORT: '65536' }, 'PORT must be an integer from 0 to 65535.'],
    ['a negative port', { PORT: '-1' }, 'PORT must be an integer from 0 to 65535.'],
    [
      'another protocol',
      { REDIS_URL: 'http://x' },
      'REDIS_URL must be a URL such as redis://localhost:6379.',
    ],
    [
      'no URL',
      { REDIS_URL: undefined },
      'REDIS_URL is missing: it must be a URL such as redis://localhost:6379.',
    ],
    ['an unknown word', { LEVEL: 'loud' }, 'LEVEL must be one of info, warn.'],
    ['a fraction', { TTL_SECONDS: '1.5' }, 'TTL_SECONDS must be an integer from 1 to 60 (seconds).'],
    [
      'a file that does not exist',
      { TOKEN: '', TOKEN_FILE: '/nonexistent/token' },
      'TOKEN_FILE names /nonexistent/token',
    ],
    ['both ways at once', { TOKEN_FILE: '/x' }, 'TOKEN and TOKEN_FILE are both set: keep one of them.'],
  ])('say what would be right: %s', (_, wrong, sentence) => {
    const problems = problemsOf({ ...good, ...wrong });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(sentence);
  });

  it.each(['', 'reports,', 'a b', 'Reports', '-a', 'a'.repeat(65)])(
    'refuse names of services: %j',
    (names) => {
      expect(serviceNames().safeParse(names).success).toBe(false);
    },
  );

  it('have names of services in their order', () => {
    expect(serviceNames().parse('reports, invoices.v2')).toEqual(['reports', 'invoices.v2']);
  });

  it('list everything that is wrong at once', () => {
    expect(problemsOf({ PORT: 'x', LEVEL: 'loud' }).map((problem) => problem.split(' ')[0])).toEqual([
      'PORT',
      'REDIS_URL',
      'TOKEN',
      'LEVEL',
    ]);
  });

  it('never repeat an invalid secret', () => {
    expect(problemsOf({ ...good, TOKEN: 'hunter2' }).join()).not.toContain('hunter2');
    expect(problemsOf({ ...good, TOKEN: `${'x'.repeat(32)},hunter2` }).join()).not.toContain('hunter2');
  });

  it('describe themselves', () => {
    expect(describeSettings(schema)).toEqual([
      { name: 'PORT', what: 'Where it listens.', fallback: '3000' },
      { name: 'REDIS_URL', what: 'Redis.', fallback: 'required' },
      { name: 'TOKEN', what: 'Credential.', fallback: 'required' },
      { name: 'LEVEL', what: 'Minimum level of log messages.', fallback: 'info' },
      { name: 'TTL_SECONDS', what: 'How long.', fallback: 'not set' },
    ]);
  });

  it('accept addresses and networks of both kinds', () => {
    const other = z.object({ PROXIES: networks() });
    expect(readSettings(other, { PROXIES: '10.0.0.7, 10.1.0.0/16,2001:db8::/32,::1' })).toEqual({
      PROXIES: ['10.0.0.7', '10.1.0.0/16', '2001:db8::/32', '::1'],
    });
    for (const PROXIES of ['loopback', '10.0.0', '10.0.0.0/0', '10.0.0.0/33', '::/129', '::1/', '::1,', '*'])
      expect(() => readSettings(other, { PROXIES })).toThrow(
        'PROXIES must be addresses or networks such as 10.0.0.7 and 10.1.0.0/16, separated by commas.',
      );
  });

  it('accept text that matches an expression, and secrets that are long enough', () => {
    const other = z.object({ PREFIX: text('must look like sk_live', /^[a-z_]+$/), SECRET: secret() });
    expect(() => readSettings(other, { PREFIX: 'Sk-', SECRET: 'short' })).toThrow(
      'PREFIX must look like sk_live.\nSECRET must be a secret of 32 to 512',
    );
  });
});

describe('a generated secret', () => {
  it('is created once, with 256 bits, readable only by its owner', () => {
    const path = join(folder, 'secrets', 'manage-token');
    const made = generatedSecret(path);
    expect(made).toMatch(/^[0-9a-f]{64}$/);
    expect(generatedSecret(path)).toBe(made);
    expect(readFileSync(path, 'utf8')).toBe(made + '\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'secrets')).mode & 0o777).toBe(0o700);
  });
});

describe('secret settings', () => {
  const secretSettings = z.object({
    PORT: port(),
    PASSWORD: secretText('must be the password').optional().describe('A password.'),
    UNUSED_PASSWORD: secretText('must be a password').optional(),
    SECRET: secret().default('d'.repeat(32)),
    TOKENS: secrets().describe('Credentials.'),
  });

  it('are recognized, however they are wrapped', () => {
    const marked = Object.entries(secretSettings.shape).filter(([, field]) => isSecret(field));
    expect(marked.map(([name]) => name)).toEqual(['PASSWORD', 'UNUSED_PASSWORD', 'SECRET', 'TOKENS']);
  });

  it('have values that logs must not repeat', () => {
    const [first, second] = ['a'.repeat(32), 'b'.repeat(32)];
    const settings = readSettings(secretSettings, {
      PORT: '1',
      PASSWORD: 'letmein',
      TOKENS: `${first},${second}`,
    });
    expect(secretValues(secretSettings, settings)).toEqual(['letmein', 'd'.repeat(32), first, second]);
  });
});
