import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { TEST_SECRETS, issuedInThisRun, runFolder } from '#libs/testing';

/*
 * Runs last: searches everything that this whole run has left behind for the keys that it has issued.
 */
describe('after the whole run', () => {
  /** Every file below a folder of the run, with its content as bytes, one character each. */
  function* filesBelow(folder: string): Generator<[path: string, content: string]> {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, name);
      if (statSync(path).isFile()) yield [path, readFileSync(path, 'latin1')];
    }
  }

  /** The paths in which any of `texts` occurs. */
  function find(folder: string, texts: readonly string[]): { searched: number; found: string[] } {
    const any = new RegExp(texts.map((text) => text.replace(/[^\w]/g, '\\$&')).join('|'));
    let searched = 0;
    const found: string[] = [];
    for (const [path, content] of filesBelow(folder)) {
      searched++;
      if (any.test(content)) found.push(path);
    }
    return { searched, found };
  }

  const secretParts = (): string[] => issuedInThisRun().map((token) => token.slice(-46, -14));

  it('enough keys were issued for the search to mean something', () => {
    const parts = secretParts();
    expect(parts.length).toBeGreaterThan(100);
    expect(parts.every((part) => /^[0-9A-Za-z]{32}$/.test(part))).toBe(true);
  });

  it('no plaintext key is in PostgreSQL’s files, its log of every write included', async () => {
    const admin = new pg.Client({ connectionString: process.env.TEST_POSTGRES_URL ?? '' });
    await admin.connect();
    await admin.query('CHECKPOINT');
    await admin.end();
    const postgres = join(runFolder(), 'postgres');
    const { searched, found } = find(postgres, secretParts());
    expect(searched).toBeGreaterThan(500);
    expect(found).toEqual([]);
    // The search would have found it: what is stored of a key is there.
    const publicIds = issuedInThisRun().map((token) => token.split('_')[2] ?? '');
    expect(find(postgres, publicIds).found.length).toBeGreaterThan(0); // in audit_events
  });

  it('no plaintext key is in Redis, nor in any command it was sent', () => {
    const { searched, found } = find(runFolder('redis'), secretParts());
    expect(searched).toBeGreaterThan(3);
    expect(found).toEqual([]);
    expect(find(runFolder('redis'), ['v\r\n$1\r\n1\r\n$4\r\nkind']).found.length).toBeGreaterThan(0);
  });

  it('no plaintext key and no credential is in the logs of the services', () => {
    const logs = runFolder('logs');
    const printed = /^sk_live_\w+$/m; // what the command line has printed for the person who asked for it
    const found = [...filesBelow(logs)].filter(
      ([, content]) =>
        [...secretParts(), ...Object.values(TEST_SECRETS)].some((secret) => content.includes(secret)) &&
        !printed.test(content) &&
        !content.includes('"token": "sk_live_'),
    );
    expect(found.map(([path]) => path)).toEqual([]);
  });

  it('no plaintext key is in the data folders of npm start', () => {
    const { searched, found } = find(runFolder('data'), secretParts());
    expect(searched).toBeGreaterThan(1000);
    expect(found).toEqual([]);
  });
});
