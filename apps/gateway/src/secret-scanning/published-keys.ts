import { type KeyObject, createPublicKey } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { z } from 'zod';
import type { Clock } from '#libs/clock';

/** How long fetching may take, in milliseconds. */
const TIMEOUT_MS = 5000;

/** How long to wait for the next attempt, in milliseconds, whatever identifiers strangers send. */
const RETRY_AFTER_MS = 60_000;

/** After how long fetched keys are fetched again, and after how long they are not used any more, in milliseconds. */
const REFRESH_AFTER_MS = 3_600_000;
const MAX_AGE_MS = 24 * 3_600_000;

/** The maximum size of the document, in bytes, and how many of its keys are used. */
const MAX_SIZE = 256 * 1024;
const MAX_KEYS = 100;

const documentSchema = z.object({ public_keys: z.array(z.unknown()) });
const entrySchema = z.object({ key_identifier: z.string().min(1).max(200), key: z.string() });

/** The public keys with which a secret scanner signs its reports, from the URL where it publishes them. */
export class PublishedKeys {
  readonly #log = new Logger(PublishedKeys.name);
  readonly #url: string;
  readonly #clock: Clock;
  #keys: ReadonlyMap<string, KeyObject> = new Map();
  #fetchedAt = -Infinity;
  #triedAt = -Infinity;
  #fetching: Promise<void> = Promise.resolve();

  constructor({ url, clock }: { url: string; clock: Clock }) {
    this.#url = url;
    this.#clock = clock;
  }

  /** The key with this identifier. `unavailable`: it is not known whether there is one. */
  async find(identifier: string): Promise<KeyObject | 'unknown' | 'unavailable'> {
    if (!this.#keys.has(identifier) || this.#ageMs >= REFRESH_AFTER_MS) await this.#refresh();
    if (this.#ageMs >= MAX_AGE_MS) return 'unavailable';
    const isUpToDate = this.#fetchedAt >= this.#triedAt;
    return this.#keys.get(identifier) ?? (isUpToDate ? 'unknown' : 'unavailable');
  }

  get #ageMs(): number {
    return this.#clock.now() - this.#fetchedAt;
  }

  #refresh(): Promise<void> {
    if (this.#clock.now() - this.#triedAt < RETRY_AFTER_MS) return this.#fetching;
    this.#triedAt = this.#clock.now();
    this.#fetching = this.#fetch().then(
      (keys) => {
        this.#keys = keys;
        this.#fetchedAt = this.#clock.now();
      },
      (err: unknown) => this.#log.warn({ err, msg: `the public keys at ${this.#url} cannot be fetched` }),
    );
    return this.#fetching;
  }

  async #fetch(): Promise<ReadonlyMap<string, KeyObject>> {
    const response = await fetch(this.#url, {
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`it responded with ${response.status}`);
    const document = documentSchema.parse(JSON.parse(await textOf(response)));
    return new Map(document.public_keys.slice(0, MAX_KEYS).flatMap(readEntry));
  }
}

/** One that cannot be read, or is of another kind, does not affect the others. */
function readEntry(entry: unknown): [string, KeyObject][] {
  const { success, data } = entrySchema.safeParse(entry);
  if (!success) return [];
  try {
    const key = createPublicKey(data.key);
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? [[data.key_identifier, key]] : [];
  } catch {
    return [];
  }
}

/** The body, unless it is too long. */
async function textOf(response: Response): Promise<string> {
  if (response.body === null) return '';
  const body: AsyncIterable<Uint8Array> = response.body;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_SIZE) throw new Error(`it responded with more than ${MAX_SIZE} bytes`);
  }
  return Buffer.concat(chunks).toString();
}
