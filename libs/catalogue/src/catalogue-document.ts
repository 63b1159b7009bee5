import { z } from 'zod';
import { MAX_CAPABILITIES, MAX_CAPABILITY_LENGTH } from '#libs/keys-contract';

/** The maximum number of groups, and of presets. More do not fit on a page. */
const MAX_GROUPS = 50;

const CAPABILITY_NAME = /^[a-z0-9][a-z0-9._-]*(?::[a-z0-9][a-z0-9._-]*)*$/;
const SLUG = /^[a-z][a-z0-9-]{0,31}$/;
const PRINTABLE = /^[^\p{C}\p{Zl}\p{Zp}]+$/u;
/** What a quoted string in a header may contain without being escaped (RFC 9110 section 5.6.4). */
const REALM = /^[\x20\x21\x23-\x5b\x5d-\x7e]{1,60}$/;

const REALM_MUST = '1 to 60 printable ASCII characters without " and \\';
const CAPABILITY_MUST = `1 to ${MAX_CAPABILITY_LENGTH} lowercase letters, digits, ., _ and -, in parts separated by colons, such as invoices:read`;
const capabilityName = z
  .string(must(CAPABILITY_MUST))
  .max(MAX_CAPABILITY_LENGTH, must(CAPABILITY_MUST))
  .regex(CAPABILITY_NAME, must(CAPABILITY_MUST));

/** Whether a capability of some catalogue may have this name. */
export function isCapabilityName(text: string): boolean {
  return capabilityName.safeParse(text).success;
}

const groupSchema = fields('A group', {
  name: slug(),
  title: line(60),
  /** For the API's documentation. */
  description: line(300).optional(),
  /** The service behind the gateway whose routes belong to the group. A service that guards itself has none. */
  upstream: slug().optional(),
});
export type Group = Readonly<z.output<typeof groupSchema>>;

const capabilitySchema = fields('A capability', {
  name: capabilityName,
  /** A few words, for a checkbox. */
  title: line(60),
  /** One sentence: what it unlocks and where it ends. */
  description: line(300),
  /** The name of its group. */
  group: slug(),
  /** Whether it is preselected when a key is created. */
  default: z.boolean(must('true or false')).default(false),
  /** Whether it grants so much that people should be warned before they select it. */
  broad: z.boolean(must('true or false')).default(false),
});
export type Capability = Readonly<z.output<typeof capabilitySchema>>;

const presetSchema = fields('A preset', {
  name: slug(),
  title: line(60),
  capabilities: list(capabilityName, { max: MAX_CAPABILITIES, of: 'names of capabilities' }).min(
    1,
    must('a list of at least one capability'),
  ),
});
export type Preset = Readonly<z.output<typeof presetSchema>>;

/** A catalogue as written by people. Fields that it does not know are mistakes: the catalogue is not sent between versions. */
export const catalogueDocument = fields('A catalogue', {
  title: line(60),
  /** The realm of challenges (RFC 9110 section 11.5). Default: the title, as far as a header can have it. */
  realm: z.string(must(REALM_MUST)).regex(REALM, must(REALM_MUST)).optional(),
  groups: list(groupSchema, { max: MAX_GROUPS, of: 'groups' }),
  capabilities: list(capabilitySchema, { max: MAX_CAPABILITIES, of: 'capabilities' }).min(
    1,
    must('a list of at least one capability'),
  ),
  presets: list(presetSchema, { max: MAX_GROUPS, of: 'presets' }).default([]),
}).superRefine((document, context) => {
  for (const [path, message] of mistakesIn(document)) context.addIssue({ code: 'custom', path, message });
});
export type CatalogueDocument = Readonly<z.output<typeof catalogueDocument>>;

interface Names {
  readonly groups: readonly { readonly name: string }[];
  readonly capabilities: readonly { readonly name: string; readonly group: string }[];
  readonly presets: readonly { readonly name: string; readonly capabilities: readonly string[] }[];
}

type Mistake = readonly [path: (string | number)[], sentence: string];

/** What is wrong between parts of a catalogue that are right by themselves. */
function mistakesIn({ groups, capabilities, presets }: Names): Mistake[] {
  return [
    ...duplicates('groups', groups),
    ...duplicates('capabilities', capabilities),
    ...duplicates('presets', presets),
    ...capabilities.flatMap(({ group }, i) =>
      unknown(group, groups, { kind: 'group', path: ['capabilities', i, 'group'] }),
    ),
    ...presets.flatMap((preset, i) =>
      preset.capabilities.flatMap((name, j) =>
        unknown(name, capabilities, { kind: 'capability', path: ['presets', i, 'capabilities', j] }),
      ),
    ),
  ];
}

function duplicates(list: string, items: readonly { readonly name: string }[]): Mistake[] {
  const names = items.map(({ name }) => name);
  return names.flatMap((name, i): Mistake[] =>
    names.indexOf(name) === i ? [] : [[[list, i, 'name'], `is used twice: rename or remove one "${name}"`]],
  );
}

function unknown(
  name: string,
  known: readonly { readonly name: string }[],
  { kind, path }: { kind: string; path: (string | number)[] },
): Mistake[] {
  if (known.some((item) => item.name === name)) return [];
  const choice = known.slice(0, 20).map((item) => item.name);
  return [[path, `names no ${kind} of the catalogue. Choose from: ${choice.join(', ')}`]];
}

function slug() {
  const what = '1 to 32 lowercase letters, digits and -, starting with a letter';
  return z.string(must(what)).regex(SLUG, must(what));
}

/** A text for people, without a line break at its end, as YAML's folded texts have one. */
function line(max: number) {
  const what = `1 to ${max} characters on one line`;
  return z.string(must(what)).trim().max(max, must(what)).regex(PRINTABLE, must(what));
}

function list<Item extends z.ZodType>(item: Item, { max, of }: { max: number; of: string }) {
  return z.array(item, must(`a list of ${of}`)).max(max, must(`a list of at most ${max} ${of}`));
}

function fields<Shape extends z.ZodRawShape>(what: string, shape: Shape) {
  const names = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `is unknown. ${what} has: ${names}`
        : must(`fields, namely ${names}`).error(issue),
  });
}

/** The end of a sentence that begins with the name of a field. */
function must(what: string) {
  return {
    error: ({ input }: { readonly input?: unknown }): string =>
      input === undefined ? `is missing: it must be ${what}` : `must be ${what}`,
  };
}
