/** The email addresses that may sign in: single ones, and all of a domain. Everybody, where the list is empty. */
export class AllowList {
  readonly #addresses: ReadonlySet<string>;
  readonly #domains: ReadonlySet<string>;

  /** Entries such as `ada@example.com` and `@example.com`. A domain is not its subdomains. */
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
