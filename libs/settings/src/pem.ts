import { X509Certificate, createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import { markSecret } from './secret-settings.js';

/**
 * Certificates as PEM (RFC 7468), one or several. Line breaks may be written as `\n` or be missing, as in the environment
 * variables of hosting panels; the value is proper PEM.
 */
export function certificates(): z.ZodType<string, string> {
  const must = 'must be one or more certificates in PEM (-----BEGIN CERTIFICATE----- and so on)';
  return z
    .string(must)
    .transform((value) => blocksIn(value))
    .refine((blocks) => blocks.length > 0 && blocks.every(isCertificate), must)
    .transform(textOf);
}

/**
 * Certificates of authorities, as PEM: those to verify other certificates with; see {@link certificates}. One that is
 * neither an authority's nor self-signed can verify none, even if it is trusted.
 */
export function authorities(): z.ZodType<string, string> {
  const must =
    'must have the certificate of the authority, or one that is its own, and not the one that it has signed';
  return certificates().refine(
    (pem) => blocksIn(pem).some((block) => vouches(new X509Certificate(textOf([block])))),
    must,
  );
}

function vouches(certificate: X509Certificate): boolean {
  return certificate.ca || certificate.subject === certificate.issuer;
}

/** A private key as PEM, without a passphrase; see {@link certificates}. Anything else in the text is dropped. */
export function privateKey(): z.ZodType<string, string> {
  const must = 'must be a private key in PEM (-----BEGIN PRIVATE KEY----- and so on), without a passphrase';
  return markSecret(
    z
      .string(must)
      .transform((value) => blocksIn(value).filter(({ label }) => label.endsWith('PRIVATE KEY')))
      .refine(([block, ...others]) => block !== undefined && others.length === 0 && isPrivateKey(block), must)
      .transform(textOf),
  );
}

interface Block {
  readonly label: string;
  readonly base64: string;
}

/** A block of PEM, whose line breaks may be written as a backslash and a letter. */
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----((?:[A-Za-z0-9+/=\s]|\\[nr])+)-----END ([A-Z0-9 ]+)-----/g;

/** The blocks of a text; none if the text contains anything else that could be one, such as a truncated block. */
function blocksIn(text: string): Block[] {
  const found = [...text.matchAll(BLOCK)];
  const isWhole =
    found.every(([, begin, , end]) => begin === end) && !text.replace(BLOCK, '').includes('-----');
  if (!isWhole) return [];
  return found.map(([, label = '', body = '']) => ({ label, base64: body.replace(/\\[nr]|\s/g, '') }));
}

function textOf(blocks: readonly Block[]): string {
  return blocks
    .map(({ label, base64 }) => {
      const lines = base64.match(/.{1,64}/g) ?? [];
      return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
    })
    .join('');
}

function isCertificate(block: Block): boolean {
  return block.label === 'CERTIFICATE' && isRead(() => new X509Certificate(textOf([block])));
}

function isPrivateKey(block: Block): boolean {
  return isRead(() => createPrivateKey(textOf([block])));
}

function isRead(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}
