import { isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';
import { markSecret } from './secret-settings.js';

/** Any text of at most `maxLength` characters. */
export function text(must: string, shape = /^.+$/s, maxLength = Infinity) {
  return z.string(must).max(maxLength, must).regex(shape, must);
}

/** Text that must never be logged, such as a password: see {@link secretValues}. */
export function secretText(must: string, shape?: RegExp) {
  return markSecret(text(must, shape));
}

/** An integer from `min` to `max`, in `unit`, such as `seconds`. */
export function integer({ min, max, unit }: { min: number; max: number; unit?: string }) {
  const must = `must be an integer from ${min} to ${max}${unit === undefined ? '' : ` (${unit})`}`;
  return z
    .string(must)
    .regex(/^\d{1,15}$/, must)
    .transform(Number)
    .pipe(z.number().min(min, must).max(max, must));
}

/** A TCP port. With 0, the system assigns a free one. */
export function port() {
  return integer({ min: 0, max: 65_535 });
}

/** An address to listen on, or a name that resolves to one. */
export function host() {
  const must = 'must be an address of this machine, such as 0.0.0.0';
  const isHost = (value: string): boolean =>
    /^[\w.:-]+$/.test(value) && URL.canParse(`http://${isIPv6(value) ? `[${value}]` : value}:1`);
  return z.string(must).refine(isHost, must);
}

/** A URL with a host and one of `protocols`, such as `['redis:', 'rediss:']`. */
export function url(protocols: readonly string[], example: string) {
  const must = `must be a URL such as ${example}`;
  return z.string(must).refine((value) => isUrl(value, protocols), must);
}

/** A {@link url} that paths are appended to: without a slash at its end, query or fragment. */
export function baseUrl(protocols: readonly string[], example: string) {
  const must = `must be a URL such as ${example}`;
  return z
    .string(must)
    .refine((value) => isUrl(value, protocols) && !/[?#]/.test(value), must)
    .transform(withoutEndingSlashes);
}

function withoutEndingSlashes(value: string): string {
  let end = value.length;
  while (value[end - 1] === '/') end--;
  return value.slice(0, end);
}

/** One or more comma-separated endpoints, such as `tcp://keys:3002`. */
export function endpoints(protocols: readonly string[], example: string) {
  const must = `must be a URL such as ${example}, or several separated by commas`;
  const isOne = (value: string): boolean => isUrl(value, protocols) && new URL(value).port !== '';
  return z.string(must).refine((value) => value.split(',').every(isOne), must);
}

function isUrl(value: string, protocols: readonly string[]): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return protocols.includes(protocol) && hostname !== '';
}

/** Origins of web pages (RFC 6454 section 6.2). */
export function origins() {
  const must = 'must be origins such as https://app.example.com, separated by commas';
  const isOrigin = (value: string): boolean => URL.canParse(value) && new URL(value).origin === value;
  return z
    .string(must)
    .transform((value) => value.split(',').map((one) => one.trim()))
    .refine((values) => values.every(isOrigin), must);
}

/** IP addresses, and networks with a prefix length (RFC 4632 section 3.1). */
export function networks() {
  const must = 'must be addresses or networks such as 10.0.0.7 and 10.1.0.0/16, separated by commas';
  return z
    .string(must)
    .transform((value) => value.split(',').map((one) => one.trim()))
    .refine((values) => values.every(isNetwork), must);
}

function isNetwork(text: string): boolean {
  const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0;
  const length = prefix === undefined ? bits : Number(prefix);
  return length >= 1 && length <= bits;
}

/** Names of services. */
export function serviceNames() {
  const must =
    'must be names such as reports, separated by commas: small letters, digits, dots, hyphens and underscores, at most 64 each';
  const name = text(must, /^[a-z0-9][a-z0-9._-]{0,63}$/);
  return z
    .string(must)
    .transform((value) => value.split(',').map((one) => one.trim()))
    .pipe(z.tuple([name], name));
}

/** Email addresses, and domains that start with an @. */
export function emailsAndDomains() {
  const must =
    'must be addresses such as ada@example.com and domains such as @example.com, separated by commas';
  const isOne = (text: string): boolean => /^[^\s@,]{0,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i.test(text);
  return z
    .string(must)
    .transform((value) => value.split(',').map((one) => one.trim()))
    .refine((values) => values.every(isOne), must);
}

/** One of a few values. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, `must be one of ${words.join(', ')}`);
}

/** True or false. */
export function flag() {
  return oneOf(['true', 'false']).transform((word) => word === 'true');
}

/** Some of a few values, separated by commas, or `none`. */
export function someOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  const must = `must be none, or some of ${words.join(', ')}, separated by commas`;
  return z
    .string(must)
    .transform((value) => (value === 'none' ? [] : value.split(',').map((one) => one.trim())))
    .pipe(z.array(z.enum(words, must)));
}

const SECRET_SHAPE = /^[\x21-\x2b\x2d-\x7e]{32,512}$/;
const SECRET_MUST =
  'must be a secret of 32 to 512 printable characters without spaces and commas (openssl rand -hex 32)';

/** A secret that is too long to guess. */
export function secret() {
  return secretText(SECRET_MUST, SECRET_SHAPE);
}

/** Comma-separated secrets: the first is used, all are accepted, so that they rotate without downtime. */
export function secrets() {
  const must = SECRET_MUST.replace('must be a secret', 'must be one or more secrets, separated by commas,');
  return markSecret(
    z
      .string(must)
      .transform((value) => value.split(','))
      .pipe(z.tuple([text(must, SECRET_SHAPE)], text(must, SECRET_SHAPE))),
  );
}
