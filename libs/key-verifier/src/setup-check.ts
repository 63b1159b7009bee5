import { type Clock, repeat } from '#libs/clock';
import type { VerifyClient } from '#libs/keys-client';
import { type Declaration, namedCapabilities } from './admission/declaration.js';
import type { Log } from './log.js';

/** How often it compares, in milliseconds; more often until keys has told something. */
const EVERY_MS = 60_000;
const UNTIL_TOLD_MS = 5000;

/** Something that is wrong with how this guard or keys is set up, in a sentence. */
export interface SetupMistake {
  readonly concerns: 'keys' | 'tag secrets' | 'capabilities';
  readonly sentence: string;
}

/**
 * Compares the setup of a guard with that of keys, at start and every minute: whether it can be asked at all, whether both
 * have the same tag secrets, and whether a key can have the capabilities that routes require. Each mistake is logged once,
 * as an error. None stops the process: requests are refused as long as their keys cannot be verified.
 *
 * A keys service that is gone later is no mistake of the setup: the requests that have to wait for it say so.
 */
export class SetupCheck {
  readonly #client: Pick<VerifyClient, 'catalogue' | 'tagSecrets'>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #keysUrl: string;
  readonly #tagFingerprints: readonly string[];
  readonly #declared = new Map<string, Declaration>();
  readonly #stopping = new AbortController();
  #checking: Promise<void> = Promise.resolve();
  #hasTold = false;
  #mistakes: readonly SetupMistake[] = [];

  constructor(parts: {
    client: Pick<VerifyClient, 'catalogue' | 'tagSecrets'>;
    clock: Clock;
    log: Log;
    keysUrl: string;
    tagFingerprints: readonly string[];
  }) {
    this.#client = parts.client;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#keysUrl = parts.keysUrl;
    this.#tagFingerprints = parts.tagFingerprints;
  }

  /** What was wrong when it was last compared. */
  get mistakes(): readonly SetupMistake[] {
    return this.#mistakes;
  }

  /** Compares the capabilities of a route from now on. */
  declare(route: string, declaration: Declaration): void {
    this.#declared.set(route, declaration);
  }

  start(): void {
    this.#checking = repeat(() => this.check(), {
      clock: this.#clock,
      everyMs: () => (this.#hasTold ? EVERY_MS : UNTIL_TOLD_MS),
      signal: this.#stopping.signal,
      onOutage: (err) => this.#log.error({ err, msg: 'the setup cannot be compared with that of keys' }),
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#checking;
  }

  /** Compares once. */
  async check(): Promise<void> {
    const [catalogue, secrets] = await Promise.all([this.#client.catalogue(), this.#client.tagSecrets()]);
    if (this.#stopping.signal.aborted) return;
    const failed = [catalogue, secrets].find((told) => told.outcome === 'unavailable');
    if (failed === undefined) {
      this.#hasTold = true;
      this.#note([
        ...(secrets.outcome === 'known' ? this.#missingSecrets(secrets.fingerprints) : []),
        ...(catalogue.outcome === 'known' ? this.#unknownCapabilities(catalogue.capabilities) : []),
      ]);
    } else if (!this.#hasTold) {
      const sentence = `Keys cannot be verified: the keys service at ${this.#keysUrl} cannot be asked, because ${failed.cause.message}`;
      this.#note([{ concerns: 'keys', sentence }]);
    }
  }

  #missingSecrets(fingerprints: readonly string[]): SetupMistake[] {
    const missing = fingerprints.filter((fingerprint) => !this.#tagFingerprints.includes(fingerprint));
    if (missing.length === 0) return [];
    const which = missing.includes(fingerprints[0] ?? '') ? 'new keys' : 'older keys';
    const sentence = `The tag secrets differ from those of keys: ${which} are refused as forged. Set KEY_TAG_SECRET to what the keys service has, and pass all of it.`;
    return [{ concerns: 'tag secrets', sentence }];
  }

  #unknownCapabilities(catalogue: readonly string[]): SetupMistake[] {
    const known = new Set(catalogue);
    return [...this.#declared].flatMap(([route, declaration]) =>
      namedCapabilities(declaration)
        .filter((capability) => !known.has(capability))
        .map((capability) => ({
          concerns: 'capabilities' as const,
          sentence: `No key can have ${capability}, which ${route} requires: it is not in the catalogue of the keys service.`,
        })),
    );
  }

  #note(mistakes: readonly SetupMistake[]): void {
    const before = new Set(this.#mistakes.map(({ sentence }) => sentence));
    this.#mistakes = mistakes;
    const after = new Set(mistakes.map(({ sentence }) => sentence));
    for (const sentence of after) if (!before.has(sentence)) this.#log.error(sentence);
    for (const sentence of before) if (!after.has(sentence)) this.#log.warn(`No longer so: ${sentence}`);
  }
}
