import type { Clock } from '#libs/clock';
import type { GenuineKey } from '#libs/key-format';
import type { ExposedKeys, KeySighting } from '#libs/key-verifier';
import type { PendingReports } from './pending-reports.js';

/**
 * How long after a report it is answered, in milliseconds: longer than revoking a few keys takes while all services are well,
 * bcrypt included, so that then the keys are dead when the answer is sent.
 */
export const ANSWER_AFTER_MS = 2000;

/** How long it is known whether keys can be reported, in milliseconds, so that many reports do not cost as many questions. */
const KNOWN_FOR_MS = 1000;

/** Takes reports from anybody, without telling by its answer, or by when it comes, whether a text was a key. */
export class PublicReports {
  readonly #exposed: Pick<ExposedKeys, 'find' | 'canReport'>;
  readonly #pending: Pick<PendingReports, 'add'>;
  readonly #clock: Clock;
  #askedAt = -Infinity;
  #canReport: Promise<boolean> = Promise.resolve(false);

  constructor(parts: {
    exposed: Pick<ExposedKeys, 'find' | 'canReport'>;
    pending: Pick<PendingReports, 'add'>;
    clock: Clock;
  }) {
    this.#exposed = parts.exposed;
    this.#pending = parts.pending;
    this.#clock = parts.clock;
  }

  /**
   * Resolves with true a fixed time after the call, whatever the texts are and however long the revokes take, which go on
   * meanwhile; or with false, before it has looked at the texts, if keys cannot be reported now.
   */
  async take(texts: readonly string[], sighting: KeySighting): Promise<boolean> {
    const answerAt = this.#clock.now() + ANSWER_AFTER_MS;
    if (!(await this.#isAvailable())) return false;
    this.#pending.add(this.#keysIn(texts, sighting), sighting);
    await this.#clock.wait(answerAt - this.#clock.now());
    return true;
  }

  #isAvailable(): Promise<boolean> {
    if (this.#clock.now() - this.#askedAt >= KNOWN_FOR_MS) {
      this.#askedAt = this.#clock.now();
      this.#canReport = this.#exposed.canReport();
    }
    return this.#canReport;
  }

  #keysIn(texts: readonly string[], { source }: KeySighting): GenuineKey[] {
    const found = [...new Set(texts)].flatMap((text) => this.#exposed.find(text, source) ?? []);
    return [...new Map(found.map((key) => [key.text, key])).values()];
  }
}
