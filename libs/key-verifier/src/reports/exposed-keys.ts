import type { GenuineKey } from '#libs/key-format';
import type { ExposureSource } from '#libs/keys-contract';
import type { Exposure, Sighting, VerifyClient } from '#libs/keys-client';
import { readCredentials } from '../authentication/credentials.js';
import type { CredentialCarrier } from '../authentication/credentials.js';
import type { KeyReader } from '../authentication/authenticator.js';
import type { Sender } from '../limits/failed-authentications.js';
import type { RateLimitResult } from '../limits/rate-limits.js';
import type { RequestLimits } from '../limits/request-limits.js';

/** Where a key was found, and which request said so. */
export type KeySighting = Sighting & { readonly source: ExposureSource };

/** What became of a reported text. `forged`: we have never issued it, and keys was not asked. */
export type ReportOutcome = Exposure['outcome'] | 'forged';

interface Parts {
  readonly format: KeyReader;
  readonly client: Pick<VerifyClient, 'reportExposure' | 'isReady'>;
  readonly limits: RequestLimits;
  readonly keyPrefix: string;
}

/**
 * Reports keys that others have seen. Checksum and tag are checked here, so that keys is only asked about texts that were
 * issued.
 */
export class ExposedKeys {
  readonly #parts: Parts;
  readonly #counts = new Map<ExposureSource, Map<ReportOutcome, number>>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The key in a reported text, or undefined if we have never issued it. */
  find(text: string, source: ExposureSource): GenuineKey | undefined {
    const key = this.#parts.format.read(text.trim());
    if (key.outcome === 'genuine') return key;
    this.#count(source, 'forged');
    return undefined;
  }

  /** The key that a request presents, or undefined if it presents none that we have issued. */
  findIn(request: CredentialCarrier, source: ExposureSource): GenuineKey | undefined {
    const credentials = readCredentials(request, this.#parts.keyPrefix);
    return credentials.outcome === 'bearer' ? this.find(credentials.token, source) : undefined;
  }

  /** Reports a key, which keys then revokes or marks. Never rejects. */
  async report(key: GenuineKey, sighting: KeySighting): Promise<Exposure> {
    const exposure = await this.#parts.client.reportExposure(key, sighting);
    this.#count(sighting.source, exposure.outcome);
    return exposure;
  }

  /** Whether keys can be reported: at least one replica of keys says that it can verify. */
  canReport(): Promise<boolean> {
    return this.#parts.client.isReady();
  }

  /** Counts a request that reports keys, of `perHour` for each network; undefined when there are no limits. */
  countRequest(sender: Sender, perHour: number): Promise<RateLimitResult> | undefined {
    return this.#parts.limits.countReport(sender, perHour);
  }

  /** A report was not from whom it claims to be, which counts like a refused key. */
  addFailure(sender: Sender): void {
    this.#parts.limits.addFailure(sender);
  }

  /** For how many seconds the sender's network is blocked after too many failures; undefined if it is not. */
  retryAfterSeconds(sender: Sender): number | undefined {
    return this.#parts.limits.retryAfterSeconds(sender);
  }

  /** How many reported texts had which outcome, by source. */
  get counts(): ReadonlyMap<ExposureSource, ReadonlyMap<ReportOutcome, number>> {
    return this.#counts;
  }

  #count(source: ExposureSource, outcome: ReportOutcome): void {
    const ofSource = this.#counts.get(source) ?? new Map<ReportOutcome, number>();
    this.#counts.set(source, ofSource.set(outcome, (ofSource.get(outcome) ?? 0) + 1));
  }
}
