import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { KeyFormat, keyIdFromUuid } from '#libs/key-format';
import { TEST_SECRETS, runFolder, uniqueName } from '#libs/testing';

/** The secret of every key that is seeded by SQL: one bcrypt hash serves them all. */
export const SEEDED_SECRET = 'Benchmark0Benchmark0Benchmark0AB';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const format = new KeyFormat({ prefix: 'sk_live', tagSecrets: [TEST_SECRETS.KEY_TAG_SECRET] });

/** The key of a row with that ID and {@link SEEDED_SECRET}. The product cannot print a key with a given secret, so this does. */
export function seededToken(uuid: string): string {
  const body = `sk_live_${keyIdFromUuid(uuid)}_${SEEDED_SECRET}`;
  const mac = createHmac('sha256', TEST_SECRETS.KEY_TAG_SECRET).update(body).digest();
  const tagged = body + Array.from({ length: 8 }, (_, i) => digit(mac.readUInt32BE(4 * i))).join('');
  const text = tagged + checksum(crc32(tagged));
  if (format.read(text).outcome !== 'genuine') throw new Error('the format of keys has changed: adapt this');
  return text;
}

function digit(value: number): string {
  return ALPHABET.charAt(value % 62);
}

function checksum(value: number): string {
  return Array.from({ length: 6 }, (_, i) => digit(Math.floor(value / 62 ** (5 - i)))).join('');
}

/** Writes tokens to a file of this run, one per line, and returns its path. */
export function tokenFile(tokens: readonly string[]): string {
  const path = join(runFolder('tokens'), uniqueName('tokens'));
  writeFileSync(path, tokens.join('\n') + '\n', { mode: 0o600 });
  return path;
}
