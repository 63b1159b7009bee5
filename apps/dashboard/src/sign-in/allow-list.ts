/** The email addresses and domains that may sign in. If empty, everybody may. */
export class AllowList {
  readonly #addresses: ReadonlySet<string>;
  readonly #domains: ReadonlySet<string>;

  /** Entries such as `ada@example.com` and `@example.com`, which does not include subdomains. */
  constructor(entries: readonly string[]) {
    const lowercase = entries.map((entry) => entry.toLowerCase());
    this.#addresses = new Set(lowercase.filter((entry) => !entry.startsWith('@')));
    this.#domains = new Set(lowercase.filter((entry) => entry.startsWith('@')));
  }

  allows(email: string): boolean {
    if (this.#addresses.size + this.#domains.size === 0) return true;
    const address = email.toLowerCase();
    return this.#addresses.has(address) || this.#domains.has(address.slice(address.lastIndexOf('@')));
  }
}
