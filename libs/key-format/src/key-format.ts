import { crc32 } from 'node:zlib';
import { ALPHABET, randomBase62 } from './base62.js';
import { HmacSha256 } from './hmac.js';
import { KEY_ID_LENGTH, type KeyId, isKeyId } from './key-id.js';
import { isSameText } from './same-text.js';

const SECRET_LENGTH = 32;
const TAG_LENGTH = 8;
const CRC_LENGTH = 6;

/** The prefix of a deployment's keys, and the secrets of their tags. */
export interface KeyFormatOptions {
  /** The recognizable prefix, without the underscore that follows it: `sk_live`. See {@link KEY_PREFIX_SHAPE}. */
  readonly prefix: string;
  /** Secrets of the tag: the first signs, all verify, so that they can be rotated without invalidating keys. */
  readonly tagSecrets: readonly string[];
}

/** The form of `KEY_PREFIX`: lowercase letters, digits and single underscores, starting with a letter. */
export const KEY_PREFIX_SHAPE = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;

/** The maximum length of a prefix, in characters. */
export const KEY_PREFIX_MAX_LENGTH = 20;

/** What follows the prefix. Sticky: it only matches at `lastIndex`. */
const AFTER_PREFIX = /[0-9A-Za-z]{22}_[0-9A-Za-z]{46}$/y;

/** A new key. `text` and `secret` are credentials: show the former once, hash the latter, and keep neither. */
export interface PrintedKey {
  readonly text: string;
  readonly secret: string;
  readonly last4: string;
}

/** A key whose tag was made with one of our secrets. That says where it comes from, not that it is valid. */
export interface GenuineKey {
  readonly outcome: 'genuine';
  /** May be kept: it does not keep the rest of the key in memory. */
  readonly id: KeyId;
  /** The 32 characters that bcrypt hashes. */
  readonly secret: string;
  /** HMAC-SHA-256 of the whole key except its checksum, base64: identifies exactly this text without revealing it. */
  readonly digest: string;
  readonly text: string;
}

/**
 * The result of reading a key's text. `malformed`: not of our form. `mistyped`: of our form, but the checksum differs.
 * `forged`: well-formed, but the tag was not made by us.
 */
export type ReadKey = GenuineKey | { readonly outcome: 'malformed' | 'mistyped' | 'forged' };

/**
 * Prints and reads keys: `<prefix>_<id 22>_<secret 32><tag 8><crc 6>`, all base62.
 *
 * The tag, a truncated HMAC-SHA-256 (RFC 2104 section 5), is not a credential. It lets a gateway refuse forged keys at the
 * cost of one HMAC, before they cost a bcrypt run, a database read or a place in a cache. The CRC-32 (ISO 3309) lets
 * scanners recognize keys, and reveals typing mistakes, offline and without a secret.
 */
export class KeyFormat {
  readonly #prefix: string;
  /** The prefix with the underscore that follows it. */
  readonly #beginning: string;
  /** Created once, so that not every HMAC has to prepare its key. */
  readonly #tagSecrets: readonly [HmacSha256, ...HmacSha256[]];

  /** Throws a RangeError if the prefix has another form or if there is no tag secret. */
  constructor({ prefix, tagSecrets }: KeyFormatOptions) {
    const [signing, ...older] = tagSecrets;
    if (prefix.length > KEY_PREFIX_MAX_LENGTH || !KEY_PREFIX_SHAPE.test(prefix))
      throw new RangeError('a key prefix must look like sk_live');
    if (signing === undefined) throw new RangeError('a key format needs at least one tag secret');
    this.#prefix = prefix;
    this.#beginning = `${prefix}_`;
    this.#tagSecrets = [new HmacSha256(signing), ...older.map((secret) => new HmacSha256(secret))];
  }

  /**
   * A fingerprint of each tag secret, in their order, by which two services can find out whether they have the same. It
   * reveals nothing of the secret: 64 bits of an HMAC under it, of a text that is not the beginning of a key.
   */
  get tagFingerprints(): readonly string[] {
    return this.#tagSecrets.map((secret) =>
      Buffer.from(secret.digest('fingerprint of a tag secret'), 'binary').toString('hex').slice(0, 16),
    );
  }

  /** A new key for `id`, with a secret of 190 random bits. */
  print(id: KeyId): PrintedKey {
    const secret = randomBase62(SECRET_LENGTH);
    const body = `${this.#prefix}_${id}_${secret}`;
    const tagged = body + tagOf(this.#tagSecrets[0].digest(body));
    const text = tagged + checksum(tagged);
    return { text, secret, last4: text.slice(-4) };
  }

  /** Reads a key's text. Costs one regular expression, one CRC-32 and at most one HMAC per tag secret. */
  read(text: string): ReadKey {
    if (!this.#hasShape(text)) return { outcome: 'malformed' };
    if (!hasChecksum(text)) return { outcome: 'mistyped' };

    const tagged = text.slice(0, -CRC_LENGTH);
    const body = tagged.slice(0, -TAG_LENGTH);
    const tag = tagged.slice(-TAG_LENGTH);
    for (const tagSecret of this.#tagSecrets) {
      const mac = tagSecret.digest(body);
      if (!isSameText(tagOf(mac), tag)) continue;
      const id = copyOf(body.slice(-SECRET_LENGTH - 1 - KEY_ID_LENGTH, -SECRET_LENGTH - 1));
      if (!isKeyId(id)) return { outcome: 'malformed' };
      return {
        outcome: 'genuine',
        id,
        secret: body.slice(-SECRET_LENGTH),
        digest: Buffer.from(mac, 'binary').toString('base64'),
        text,
      };
    }
    return { outcome: 'forged' };
  }

  #hasShape(text: string): boolean {
    AFTER_PREFIX.lastIndex = this.#beginning.length;
    return text.startsWith(this.#beginning) && AFTER_PREFIX.test(text);
  }

  /** The part of a text where a key of ours has its ID. It does not check whether the text is a key. */
  extractId(text: string): string {
    return text.slice(this.#prefix.length + 1, this.#prefix.length + 1 + KEY_ID_LENGTH);
  }

  /** The part of a key that may be shown and logged: `sk_live_<id>`. */
  publicPart(id: KeyId): string {
    return `${this.#prefix}_${id}`;
  }
}

/** Whether a text of a key's form ends with its checksum. */
export function hasChecksum(text: string): boolean {
  return checksum(text.slice(0, -CRC_LENGTH)) === text.slice(-CRC_LENGTH);
}

/** One character per 32-bit word of the HMAC: the modulus favors no character by more than 62 in 2^32. */
function tagOf(mac: string): string {
  let tag = '';
  for (let i = 0; i < TAG_LENGTH; i++) {
    let word = 0;
    for (let at = 4 * i; at < 4 * i + 4; at++) word = word * 256 + mac.charCodeAt(at);
    tag += ALPHABET.charAt(word % ALPHABET.length);
  }
  return tag;
}

/**
 * The same text, in separate memory. V8 keeps a slice as a reference to the text that it was cut from, so keeping the ID
 * of a key for long would keep the whole key.
 */
function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** 32 bits, so that ordinary numbers suffice: big integers would cost more than everything here except the HMAC. */
function checksum(tagged: string): string {
  let rest = crc32(tagged);
  let text = '';
  for (let i = 0; i < CRC_LENGTH; i++) {
    text = ALPHABET.charAt(rest % ALPHABET.length) + text;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return text;
}
