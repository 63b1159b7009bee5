import type { GenuineKey } from '#libs/key-format';
import type { VerifyClient } from '#libs/keys-client';
import type { KeyReader } from '../authentication/authenticator.js';

/** How many keys are revoked at the same time. */
const AT_ONCE = 10;

/**
 * Revokes keys that others have seen. Checksum and tag are checked here, so that only keys that were issued are asked about.
 */
export class ExposedKeys {
  readonly #format: KeyReader;
  readonly #client: Pick<VerifyClient, 'reportExposure'>;

  constructor({ format, client }: { format: KeyReader; client: Pick<VerifyClient, 'reportExposure'> }) {
    this.#format = format;
    this.#client = client;
  }

  /**
   * Resolves with true once no gateway accepts any of these texts, and with false if that could not be done for all.
   * `address` is who reported them.
   */
  async revoke(texts: readonly string[], address: string): Promise<boolean> {
    const keys = [...new Set(texts)]
      .map((text) => this.#format.read(text.trim()))
      .filter((key): key is GenuineKey => key.outcome === 'genuine');
    let isDone = true;
    for (let at = 0; at < keys.length; at += AT_ONCE) {
      const batch = keys.slice(at, at + AT_ONCE).map((key) => this.#client.reportExposure(key, address));
      for (const { outcome } of await Promise.all(batch))
        if (outcome === 'busy' || outcome === 'unavailable') isDone = false;
    }
    return isDone;
  }
}
