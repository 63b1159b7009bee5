import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { Field } from './field.js';

/** Control characters, half characters, line and paragraph separators: none belongs on a line. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;

/**
 * Invisible marks, which make texts look like others or turn them around (UTS #39). Not among them are the two joiners
 * that people's scripts need, as Persian and Hindi do, and emoji (UTS #55 section 4), and the visible marks of Arabic,
 * Syriac and Kaithi numbers.
 */
const INVISIBLE = /(?!\u200d|[\u200c\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}])\p{Cf}/u;
const SHOWABLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** More marks on one letter than any language has (UAX #15, Stream-Safe Text Format). */
const HEAP_OF_MARKS = /\p{M}{31}/u;

/**
 * Text on one line by which people recognize something, of 1 to `max` characters: trimmed, in Unicode's Normalization
 * Form C, and without characters that nobody sees.
 */
export function NormalizedLine(what: string, { max }: { max: number }): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && isQuickToNormalize(value, max) ? value.trim().normalize('NFC') : value,
    ),
    Field({
      schema: { type: 'string', minLength: 1, maxLength: max },
      test: (value) => problemOf(value, max) === undefined,
      sentence: (value) => `${what} ${problemOf(value, max) ?? ''}`,
    }),
  );
}

/** What is wrong with the value, to follow the name of its field in a sentence. */
function problemOf(value: unknown, max: number): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > max)
    return `must be 1 to ${max} characters on one line.`;
  if (UNPRINTABLE.test(value)) return 'must be on one line, without control characters.';
  const invisible = INVISIBLE.exec(value)?.[0].codePointAt(0);
  if (invisible !== undefined)
    return `contains an invisible character (U+${invisible.toString(16).toUpperCase().padStart(4, '0')}). Remove it.`;
  if (HEAP_OF_MARKS.test(value)) return 'has too many marks on one letter.';
  return SHOWABLE.test(value) ? undefined : 'must have at least one letter, digit or symbol.';
}

/**
 * Normalizing takes the square of the number of marks on one letter. A text of four times the length has no chance to
 * become short enough, since no more characters than four become one.
 */
function isQuickToNormalize(text: string, max: number): boolean {
  return text.length <= 4 * max && !HEAP_OF_MARKS.test(text);
}
