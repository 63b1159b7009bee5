import { X509Certificate, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { generate } from 'selfsigned';
import { authorities, certificates, privateKey } from './pem.js';

const name = (value: string) => [{ name: 'commonName', value }];
const authority = await generate(name('authority'), {
  keySize: 2048,
  extensions: [{ name: 'basicConstraints', cA: true }],
});
const own = await generate(name('keys.internal'), {
  keySize: 2048,
  extensions: [{ name: 'basicConstraints', cA: false }],
  ca: { key: authority.private, cert: authority.cert },
});
const { privateKey: elliptic } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const ellipticPem = elliptic.export({ type: 'sec1', format: 'pem' }).toString();
const encrypted = elliptic
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'hunter2' })
  .toString();

/** How environment variables may write PEM. */
const WAYS: readonly (readonly [string, (pem: string) => string])[] = [
  ['as it is', (pem) => pem],
  ['with \\n for line breaks', (pem) => pem.trim().replace(/\r?\n/g, '\\n')],
  ['with \\r\\n for them', (pem) => pem.replace(/\r?\n/g, '\\r\\n')],
  ['with CRLF', (pem) => pem.replace(/\r?\n/g, '\r\n')],
  ['in one line with spaces', (pem) => pem.replace(/\r?\n/g, ' ')],
  ['in one line', (pem) => pem.replace(/\r?\n/g, '')],
  ['with words around it', (pem) => `subject=/CN=keys.internal\n${pem}\nthe end`],
];

function subjects(pem: string): string[] {
  const blocks = pem.match(/-----BEGIN[^]+?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block).subject);
}

describe.each(WAYS)('PEM %s', (_way, written) => {
  it('is read: a chain of certificates', () => {
    const read = certificates().parse(written(own.cert + authority.cert));
    expect(subjects(read)).toEqual(['CN=keys.internal', 'CN=authority']);
  });

  it('is read: a private key', () => {
    const read = privateKey().parse(written(own.private));
    expect(new X509Certificate(own.cert).checkPrivateKey(createPrivateKey(read))).toBe(true);
    expect(createPrivateKey(privateKey().parse(written(ellipticPem))).asymmetricKeyType).toBe('ec');
  });
});

describe('a private key', () => {
  it('is found after its parameters, as openssl writes them', () => {
    const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
    expect(createPrivateKey(privateKey().parse(parameters + ellipticPem)).asymmetricKeyType).toBe('ec');
  });

  it.each([
    ['text', 'hunter2'],
    ['a certificate', own.cert],
    ['one that was cut off', own.private.slice(0, 300)],
    ['two', own.private + ellipticPem],
    ['one with a passphrase', encrypted],
  ])('is refused, with what it must be: %s', (_what, value) => {
    const { error } = privateKey().safeParse(value);
    expect(error?.issues.map(({ message }) => message)).toEqual([
      'must be a private key in PEM (-----BEGIN PRIVATE KEY----- and so on), without a passphrase',
    ]);
  });
});

describe('certificates', () => {
  it.each([
    ['text', 'hunter2'],
    ['a private key', own.private],
    ['one with its private key', own.cert + own.private],
    ['one that was cut off', own.cert.slice(0, 300)],
    ['two, one of them cut off', own.cert + authority.cert.slice(0, 300)],
    ['what only looks like one', own.cert.replace(/M/g, 'N')],
  ])('are refused, with what they must be: %s', (_what, value) => {
    const { error } = certificates().safeParse(value);
    expect(error?.issues.map(({ message }) => message)).toEqual([
      'must be one or more certificates in PEM (-----BEGIN CERTIFICATE----- and so on)',
    ]);
  });

  it('of authorities must include an authority’s or a self-signed one', async () => {
    const itself = await generate(name('keys.internal'), { keySize: 2048 });
    for (const pem of [authority.cert, own.cert + authority.cert, itself.cert])
      expect(authorities().parse(pem)).toBe(certificates().parse(pem));
    const { error } = authorities().safeParse(own.cert);
    expect(error?.issues.map(({ message }) => message)).toEqual([
      'must have the certificate of the authority, or one that is its own, and not the one that it has signed',
    ]);
  });
});
