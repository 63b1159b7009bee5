import { Lexer } from 'yaml';

/** How deep brackets may be within one another, or lists or names that begin on one line. A catalogue has three levels. */
const MAX_DEPTH = 10;

/** What stands for no character of the text: the beginnings of documents and scalars, and the end of broken ones. */
const MARKS = new Set(['\x02', '\x18', '\x1f']);

/**
 * The first thing in a YAML text that the parser would take minutes or all of the stack for, which no catalogue has: brackets
 * within brackets within brackets, closing ones that none has opened, lists of lists of lists, names of names of names, and
 * `? ` before a name. Undefined if there is none.
 */
export function nestingMistakeIn(text: string): string | undefined {
  let depth = 0;
  let listsInLine = 0;
  let namesInLine = 0;
  let line = 1;
  let column = 1;
  for (const lexeme of new Lexer().lex(text)) {
    if (MARKS.has(lexeme)) continue;
    if (lexeme === '{' || lexeme === '[') depth++;
    if (lexeme === '}' || lexeme === ']') depth--;
    if (lexeme === '-') listsInLine++;
    // Within brackets, names of one line follow each other.
    if (lexeme === ':' && depth === 0) namesInLine++;
    if (lexeme.includes('\n')) listsInLine = namesInLine = 0;
    const mistake = mistakeOf(lexeme, { depth, listsInLine, namesInLine });
    if (mistake !== undefined) return `line ${line}, column ${column}: ${mistake}`;
    const [last = '', ...before] = lexeme.split('\n').reverse();
    line += before.length;
    column = before.length > 0 ? last.length + 1 : column + last.length;
  }
  return undefined;
}

function mistakeOf(
  lexeme: string,
  { depth, listsInLine, namesInLine }: { depth: number; listsInLine: number; namesInLine: number },
): string | undefined {
  if (lexeme === '?') return 'this is not a catalogue: write names without "? " before them';
  if (depth < 0) return `this is not valid YAML: nothing is open that ${lexeme} could close`;
  if (depth > MAX_DEPTH) return `this is not a catalogue: more than ${MAX_DEPTH} brackets within one another`;
  if (listsInLine > MAX_DEPTH)
    return `this is not a catalogue: more than ${MAX_DEPTH} lists within one another`;
  if (namesInLine > MAX_DEPTH)
    return `this is not a catalogue: more than ${MAX_DEPTH} names within one another`;
  return undefined;
}
