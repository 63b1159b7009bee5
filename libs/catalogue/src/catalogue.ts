import type { Capability, CatalogueDocument, Group, Preset } from './catalogue-document.js';

/** A parsed selection: the capabilities, or a sentence that says what to choose from. */
export type Selection =
  | { readonly outcome: 'selected'; readonly capabilities: readonly string[] }
  | { readonly outcome: 'refused'; readonly problem: string };

/** What a deployment is about: its title, its capabilities, their groups, and presets to choose from. It never changes. */
export class Catalogue {
  readonly title: string;
  /** The realm of challenges (RFC 9110 section 11.5), which fits into a header as it is. */
  readonly realm: string;
  readonly groups: readonly Group[];
  /** In the order in which they are shown. */
  readonly capabilities: readonly Capability[];
  readonly presets: readonly Preset[];
  /** The names of all capabilities, in the same order. */
  readonly names: readonly string[];

  constructor({ title, realm = realmFrom(title), groups, capabilities, presets }: CatalogueDocument) {
    this.title = title;
    this.realm = realm;
    this.groups = groups;
    this.capabilities = capabilities;
    this.presets = presets;
    this.names = capabilities.map(({ name }) => name);
  }

  /** Parses a selection: at least one, only known ones; duplicates are ignored, and the order is that of the catalogue. */
  select(names: readonly string[]): Selection {
    const choice = `Choose from: ${this.names.join(', ')}.`;
    if (names.length === 0)
      return { outcome: 'refused', problem: `A key needs at least one capability. ${choice}` };
    const unknown = names.find((name) => !this.names.includes(name));
    if (unknown !== undefined) {
      const quoted = JSON.stringify(unknown.slice(0, 40));
      return { outcome: 'refused', problem: `Unknown capability ${quoted}. ${choice}` };
    }
    return { outcome: 'selected', capabilities: this.ordered(names) };
  }

  /** The names without duplicates, in the order of the catalogue, followed by those that it does not have. */
  ordered(names: readonly string[]): readonly string[] {
    const given = new Set(names);
    return [
      ...this.names.filter((name) => given.has(name)),
      ...[...given].filter((name) => !this.names.includes(name)),
    ];
  }

  toString(): string {
    return this.title;
  }
}

/** A title without what a header cannot have: accents, other letters, and what would end the quoted string. */
function realmFrom(title: string): string {
  const ascii = title
    .normalize('NFKD')
    .replace(/[^\x20-\x7e]|["\\]/g, '')
    .trim();
  return ascii === '' ? 'api' : ascii;
}
