import {
  type Document,
  LineCounter,
  type Node,
  isAlias,
  isCollection,
  isMap,
  isNode,
  parseDocument,
} from 'yaml';
import type { z } from 'zod';
import { Catalogue } from './catalogue.js';
import { catalogueDocument } from './catalogue-document.js';
import { nestingMistakeIn } from './nesting-mistake.js';

/** A catalogue, or the first mistake in its text: `line 3, column 5: title must be 1 to 60 characters on one line`. */
export type CatalogueRead =
  | { readonly outcome: 'read'; readonly catalogue: Catalogue }
  | { readonly outcome: 'wrong'; readonly problem: string };

/** Reads a catalogue from YAML, of which JSON is a part. */
export function readCatalogue(text: string): CatalogueRead {
  const mistake = nestingMistakeIn(text);
  if (mistake !== undefined) return { outcome: 'wrong', problem: mistake };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const wrong = (offset: number, sentence: string): CatalogueRead => {
    const { line, col } = lines.linePos(offset);
    return { outcome: 'wrong', problem: `line ${line}, column ${col}: ${sentence}` };
  };
  const [error] = document.errors;
  if (error !== undefined) return wrong(error.pos[0], `this is not valid YAML: ${error.message}`);

  let content: unknown;
  try {
    content = document.toJS();
  } catch (err) {
    // An alias without its anchor, or so many that they would fill the memory.
    return wrong(0, `this is not valid YAML: ${err instanceof Error ? err.message : String(err)}`);
  }
  const read = catalogueDocument.safeParse(content);
  if (read.success) return { outcome: 'read', catalogue: new Catalogue(read.data) };
  const { issues } = read.error;
  // A misspelled field is unknown, and the right one is missing: the former says more.
  const unknown = issues.filter(({ code }) => code === 'unrecognized_keys');
  const [first] = (unknown.length > 0 ? unknown : issues)
    .map((issue) => ({ offset: offsetOf(issue, document), sentence: sentenceOf(issue) }))
    .sort((a, b) => a.offset - b.offset);
  return wrong(first?.offset ?? 0, first?.sentence ?? 'this is not a catalogue');
}

/** `capabilities[2].name is missing: it must be …` */
function sentenceOf({ path, message, ...issue }: z.core.$ZodIssue): string {
  const steps = issue.code === 'unrecognized_keys' ? [...path, issue.keys[0] ?? ''] : path;
  const name = steps
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step).slice(0, 40)}`))
    .join('')
    .replace(/^\./, '');
  return `${name === '' ? 'the catalogue' : name} ${message}`;
}

/** Where the mistake is: of an unknown field, its name; of a missing one, the part that should have it. */
function offsetOf(issue: z.core.$ZodIssue, document: Document): number {
  let node = resolved(document.contents, document);
  let offset = offsetOfNode(node) ?? 0;
  for (const step of issue.path) {
    const next = isCollection(node) ? node.get(step, true) : undefined;
    if (!isNode(next)) return offset;
    offset = offsetOfNode(next) ?? offset;
    node = resolved(next, document);
  }
  if (issue.code !== 'unrecognized_keys' || !isMap(node)) return offset;
  const field = node.items.map(({ key }) => key).find((key) => String(key) === issue.keys[0]);
  return offsetOfNode(field) ?? offset;
}

function resolved(node: unknown, document: Document): Node | undefined {
  if (isAlias(node)) return node.resolve(document);
  return isNode(node) ? node : undefined;
}

function offsetOfNode(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
