/** What follows from a report: the key is revoked, or only marked, for its owner to decide. */
export type ExposurePolicy = 'revoke' | 'mark';

/** What follows from reports, by their source. */
export class ExposurePolicies {
  readonly #markOnly: ReadonlySet<string>;

  /** `markOnly`: the sources whose reports revoke nothing. */
  constructor(markOnly: readonly string[]) {
    this.#markOnly = new Set(markOnly);
  }

  /** A source that only a newer gateway knows revokes: whoever reports a key has it. */
  of(source: string): ExposurePolicy {
    return this.#markOnly.has(source) ? 'mark' : 'revoke';
  }
}
