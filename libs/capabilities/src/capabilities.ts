/** A capability: its name in the API, and its texts for people. */
interface CatalogueEntry {
  readonly name: string;
  /** A few words, for a checkbox. */
  readonly title: string;
  /** One sentence: what it unlocks and where it ends. */
  readonly unlocks: string;
  /** Whether it is preselected when a key is created. */
  readonly startsChecked: boolean;
  /** Whether it grants so much that people should be warned before they select it. */
  readonly broad: boolean;
}

/** All capabilities, in the order in which they are shown. */
export const CAPABILITIES = [
  {
    name: 'desktop:read',
    title: 'See desktops',
    unlocks: 'List desktops and read their details; nothing else.',
    startsChecked: true,
    broad: false,
  },
  {
    name: 'desktop:lifecycle',
    title: 'Start and stop desktops',
    unlocks: 'Start, stop and restart desktops; never create or destroy them.',
    startsChecked: false,
    broad: false,
  },
  {
    name: 'desktop:control',
    title: 'Control desktops',
    unlocks:
      'Mouse, keyboard, scrolling, shell and Python on a desktop, and screenshots of it: the broadest one.',
    startsChecked: false,
    broad: true,
  },
  {
    name: 'desktop:chat',
    title: 'Chat with the agent',
    unlocks: 'Talk to the AI agent on a desktop; no control of its screen.',
    startsChecked: true,
    broad: false,
  },
  {
    name: 'schedule:read',
    title: 'See scheduled jobs',
    unlocks: 'List scheduled jobs and read them.',
    startsChecked: false,
    broad: false,
  },
  {
    name: 'schedule:write',
    title: 'Manage scheduled jobs',
    unlocks: 'Create, update, pause and trigger scheduled jobs; never delete them.',
    startsChecked: false,
    broad: false,
  },
  {
    name: 'kb:read',
    title: 'Read the knowledge base',
    unlocks: 'Search and read the workspace knowledge base.',
    startsChecked: false,
    broad: false,
  },
] as const satisfies readonly CatalogueEntry[];

/** The name of a capability. */
export type Capability = (typeof CAPABILITIES)[number]['name'];

/** Their names, in the same order. */
export const CAPABILITY_NAMES: readonly Capability[] = CAPABILITIES.map(({ name }) => name);

/** The preselected capabilities of a new key. */
export const DEFAULT_CAPABILITIES: readonly Capability[] = CAPABILITIES.filter(
  ({ startsChecked }) => startsChecked,
).map(({ name }) => name);

export function isCapability(name: unknown): name is Capability {
  return CAPABILITY_NAMES.some((known) => known === name);
}

/** A parsed selection: the capabilities, or a sentence that says what to choose from. */
export type Selection =
  | { readonly outcome: 'selected'; readonly capabilities: readonly Capability[] }
  | { readonly outcome: 'refused'; readonly problem: string };

/** Parses a selection: at least one, only known ones; duplicates are ignored, and the order is that of the catalogue. */
export function selectCapabilities(names: readonly string[]): Selection {
  const known = `Choose from: ${CAPABILITY_NAMES.join(', ')}.`;
  if (names.length === 0)
    return { outcome: 'refused', problem: `A key needs at least one capability. ${known}` };
  const unknown = names.find((name) => !isCapability(name));
  if (unknown !== undefined) {
    return {
      outcome: 'refused',
      problem: `Unknown capability ${JSON.stringify(unknown.slice(0, 40))}. ${known}`,
    };
  }
  return { outcome: 'selected', capabilities: CAPABILITY_NAMES.filter((name) => names.includes(name)) };
}

/** How many lists {@link sharedCapabilities} keeps: all combinations of nine names, should the catalogue have as many. */
const MAX_SHARED = 1000;

const shared = new Map<string, readonly string[]>();

/**
 * The same array for the same names, for callers that hold many: in the catalogue's order, followed by the names that
 * this version does not know, which a newer one may have granted.
 */
export function sharedCapabilities(names: readonly string[]): readonly string[] {
  const known = CAPABILITY_NAMES.filter((name) => names.includes(name));
  const ordered = [...known, ...new Set(names.filter((name) => !isCapability(name)))];
  const text = ordered.join(' ');
  const kept = shared.get(text);
  if (kept !== undefined) return kept;
  Object.freeze(ordered);
  if (shared.size < MAX_SHARED) shared.set(text, ordered);
  return ordered;
}
