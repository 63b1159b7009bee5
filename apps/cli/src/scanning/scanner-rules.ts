import { randomBytes } from 'node:crypto';
import { KeyFormat, keyIdFromUuid } from '#libs/key-format';

/** What can be printed for secret scanners, each under the name of its `--format`. */
export const SCANNER_FORMATS = ['regex', 'gitleaks', 'trufflehog', 'github', 'test-keys'] as const;
export type ScannerFormat = (typeof SCANNER_FORMATS)[number];

/** Texts for secret scanners that find the keys of one deployment. */
export type ScannerRules = Readonly<Record<ScannerFormat, string>>;

/** The rules for keys with this prefix, such as `sk_live`. Throws a RangeError if it has another form. */
export function scannerRules(prefix: string): ScannerRules {
  const expression = keyExpression(prefix);
  const name = `${prefix.replaceAll('_', '-')}-api-key`;
  const testKeys = [testKey(prefix), testKey(prefix)];
  return {
    regex: expression,
    gitleaks: `[extend]
useDefault = true

[[rules]]
id = "${name}"
description = "API key ${prefix}_…"
regex = '''${expression}'''
keywords = ["${prefix}_"]`,
    trufflehog: `detectors:
  - name: ${name}
    keywords:
      - ${prefix}_
    regex:
      key: '${expression}'`,
    github: `Pattern name: ${name}
Secret format: ${expression}
Before secret: \\A|[^0-9A-Za-z]
After secret: \\z|[^0-9A-Za-z]
Test string: ${testKeys[0] ?? ''}`,
    'test-keys': testKeys.join('\n'),
  };
}

/**
 * Matches whole keys, in the syntax of RE2, which all scanners understand. It has a fixed length, so its time is linear.
 * There is no word boundary around it: in URL-encoded and escaped text, a letter may stand directly before a key, as in
 * `\nsk_live_…`.
 */
function keyExpression(prefix: string): string {
  return `${prefix}_[0-9A-Za-z]{22}_[0-9A-Za-z]{46}`;
}

/**
 * A key whose form and checksum are right and that no deployment accepts: its tag is made with a secret that nobody
 * keeps, and its ID is of January 1, 1970, so that no row can have it.
 */
function testKey(prefix: string): string {
  const format = new KeyFormat({ prefix, tagSecrets: [randomBytes(32).toString('hex')] });
  return format.print(keyIdFromUuid(`00000000-0000-7000-8000-${randomBytes(6).toString('hex')}`)).text;
}
