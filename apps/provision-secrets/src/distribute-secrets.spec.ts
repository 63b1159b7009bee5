import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '#libs/settings';
import { distributeSecrets } from './distribute-secrets.js';
import { secretsSettings } from './secrets-settings.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  for (const name of ['keys', 'gateway']) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true }));

const { uid } = userInfo();
const keys = { name: 'keys', uid, secrets: ['manage-token', 'verify-token'] };
const gateway = { name: 'gateway', uid, secrets: ['verify-token'] };
const read = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8');

describe('distributing secrets', () => {
  it('gives each service its secrets and no others, and the same one to those that share it', async () => {
    await distributeSecrets(folder, keys);
    await distributeSecrets(folder, gateway);
    expect(readdirSync(join(folder, 'keys'))).toEqual(['manage-token', 'verify-token']);
    expect(readdirSync(join(folder, 'gateway'))).toEqual(['verify-token']);
    expect(read('keys', 'verify-token')).toMatch(/^[0-9a-f]{64}\n$/);
    expect(read('gateway', 'verify-token')).toBe(read('keys', 'verify-token'));
    expect(read('keys', 'manage-token')).not.toBe(read('keys', 'verify-token'));
  });

  it('makes them readable only by the user of the service', async () => {
    // Only root may change a file's owner; for others, the test's user is the service's.
    const other = uid === 0 ? 12_345 : uid;
    await distributeSecrets(folder, { ...keys, uid: other });
    const file = statSync(join(folder, 'keys', 'verify-token'));
    expect(file.mode & 0o777).toBe(0o400);
    expect(file.uid).toBe(other);
  });

  it('changes nothing the second time, and distributes the stored secrets again', async () => {
    await distributeSecrets(folder, keys);
    const first = read('keys', 'verify-token');
    await distributeSecrets(folder, keys);
    expect(read('keys', 'verify-token')).toBe(first);
    rmSync(join(folder, 'keys', 'verify-token'));
    await distributeSecrets(folder, keys);
    expect(read('keys', 'verify-token')).toBe(first);
  });

  it('recovers from an unfinished file of a killed run', async () => {
    writeFileSync(join(folder, 'gateway', 'verify-token.unfinished'), 'hal', { mode: 0o400 });
    await distributeSecrets(folder, gateway);
    expect(readdirSync(join(folder, 'gateway'))).toEqual(['verify-token']);
  });
});

describe('the list of services and their secrets', () => {
  it('is parsed into names, users and secrets', () => {
    const list = ' keys:1000=manage-token,verify-token\n  gateway:1000=verify-token ';
    expect(readSettings(secretsSettings, { SECRETS_FOR: list }).SECRETS_FOR).toEqual([
      { ...keys, uid: 1000 },
      { ...gateway, uid: 1000 },
    ]);
  });

  it.each(['', 'keys', 'keys:1000', 'keys=a', 'keys:node=a', 'keys:1=a,', 'keys:1=../a', '../keys:1=a'])(
    'is refused: %p',
    (list) => {
      expect(() => readSettings(secretsSettings, { SECRETS_FOR: list })).toThrow(/must list services as/);
    },
  );
});
