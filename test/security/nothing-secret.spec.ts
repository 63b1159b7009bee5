import { readFileSync, readdirSync } from 'node:fs';
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
    for (const entry of unlessGone(() => readdirSync(folder, { withFileTypes: true })) ?? []) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) yield* filesBelow(path);
      if (!entry.isFile()) continue;
      const content = unlessGone(() => readFileSync(path, 'latin1'));
      if (content !== undefined) yield [path, content];
    }
  }

  /**
   * Undefined for what is there no more: a running PostgreSQL rewrites its caches. The error is not asked whether
   * it is an Error: Node's own are of another realm than jest's.
   */
  function unlessGone<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (err) {
      if (typeof err === 'object' && err !== null && 'code' in err && err.code === 'ENOENT') return undefined;
      throw err;
    }
  }

  /**
   * Whether any of `texts` occurs in a content; all are as long as each other, and letters and digits alone. Only runs of
   * those that are long enough are looked at: searching for thousands of texts one by one takes minutes.
   */
  function finderOf(texts: readonly string[]): (content: string) => boolean {
    const known = new Set(texts);
    const length = texts[0]?.length ?? 0;
    const runs = new RegExp(`[0-9A-Za-z]{${length},}`, 'g');
    return (content) => {
      for (const [run] of content.matchAll(runs)) {
        for (let at = 0; at + length <= run.length; at++)
          if (known.has(run.slice(at, at + length))) return true;
      }
      return false;
    };
  }

  /** The paths of the files whose content has it. */
  function find(folder: string, has: (content: string) => boolean): { searched: number; found: string[] } {
    let searched = 0;
    const found: string[] = [];
    for (const [path, content] of filesBelow(folder)) {
      searched++;
      if (has(content)) found.push(path);
    }
    return { searched, found };
  }

  /** Whether there is a file whose content has it. */
  function isFound(folder: string, has: (content: string) => boolean): boolean {
    for (const [, content] of filesBelow(folder)) if (has(content)) return true;
    return false;
  }

  const secretParts = (): string[] => issuedInThisRun().map((token) => token.slice(-46, -14));

  it('enough keys were issued for the search to be meaningful', () => {
    const parts = secretParts();
    expect(parts.length).toBeGreaterThan(100);
    expect(parts.every((part) => /^[0-9A-Za-z]{32}$/.test(part))).toBe(true);
  });

  it('no plaintext key and no secret of a webhook is in PostgreSQL’s files, including its write-ahead log', async () => {
    const admin = new pg.Client({ connectionString: process.env.TEST_POSTGRES_URL ?? '' });
    await admin.connect();
    await admin.query('CHECKPOINT');
    await admin.end();
    const postgres = join(runFolder(), 'postgres');
    const hasKey = finderOf(secretParts());
    const { searched, found } = find(postgres, (content) => hasKey(content) || content.includes('whsec_'));
    expect(searched).toBeGreaterThan(500);
    expect(found).toEqual([]);
    // The search would have found it: the public part of keys is there.
    const publicIds = issuedInThisRun().map((token) => token.split('_')[2] ?? '');
    expect(isFound(postgres, finderOf(publicIds))).toBe(true); // in audit_events
  });

  it('no plaintext key is in Redis or in any command that it was sent', () => {
    const { searched, found } = find(runFolder('redis'), finderOf(secretParts()));
    expect(searched).toBeGreaterThan(3);
    expect(found).toEqual([]);
    const entry = (content: string): boolean => content.includes('v\r\n$1\r\n1\r\n$4\r\nkind');
    expect(isFound(runFolder('redis'), entry)).toBe(true);
  });

  it('no plaintext key or token is in the logs of the services', () => {
    const logs = runFolder('logs');
    const printed = /^(?:sk_live_\w+|whsec_\S+)$/m; // what the command line has printed for the person who asked for it
    const hasKey = finderOf(secretParts());
    const hasCredential = (content: string): boolean =>
      [...Object.values(TEST_SECRETS), 'whsec_'].some((secret) => content.includes(secret));
    const { found } = find(
      logs,
      (content) =>
        !printed.test(content) &&
        !content.includes('"token": "sk_live_') &&
        (hasKey(content) || hasCredential(content)),
    );
    expect(found).toEqual([]);
  });

  it('no plaintext key is in the data folders of npm start', () => {
    const { searched, found } = find(runFolder('data'), finderOf(secretParts()));
    expect(searched).toBeGreaterThan(1000);
    expect(found).toEqual([]);
  });
});
