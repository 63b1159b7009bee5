import { Transform } from 'class-transformer';
import { Matches, ValidateBy, ValidateIf } from 'class-validator';
import { type Capability, selectCapabilities } from '#libs/capabilities';
import { findKeyId } from '#libs/key-format';

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

/** May be left out. Null is not leaving out: what a caller meant to give and has not got must not pass for nothing. */
export function Optional(): PropertyDecorator {
  return ValidateIf((_, value) => value !== undefined);
}

/** May be left out, and null says the same, as it does in answers. */
export function OptionalOrNull(): PropertyDecorator {
  return ValidateIf((_, value) => value !== undefined && value !== null);
}

/** One line of text that people can read, of `min` to `max` characters once trimmed. */
export function IsLine(what: string, { min = 1, max }: { min?: number; max: number }): PropertyDecorator {
  return all(
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && isQuickToNormalize(value, max) ? value.trim().normalize('NFC') : value,
    ),
    ValidateBy({
      name: 'isLine',
      validator: {
        validate: (value) => wrongLine(value, { min, max }) === undefined,
        defaultMessage: (validation) => `${what} ${wrongLine(validation?.value, { min, max }) ?? ''}`,
      },
    }),
  );
}

/** What is wrong with a line of text, to follow its name in a sentence. */
function wrongLine(value: unknown, { min, max }: { min: number; max: number }): string | undefined {
  if (typeof value !== 'string' || value.length < min || value.length > max)
    return `must be ${min} to ${max} characters on one line.`;
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

/** A word such as a role or a tier. */
export function IsWord(what: string): PropertyDecorator {
  return Matches(/^[a-z][a-z0-9_-]{0,31}$/, {
    message: `${what} must be 1 to 32 lowercase letters, digits, - and _, starting with a letter.`,
  });
}

/** An email address, by its shape alone: the dashboard has checked it. */
export function IsEmailLike(): PropertyDecorator {
  return Matches(/^[^\s@\p{C}]{1,200}@[^\s@\p{C}]{1,200}$/u, {
    message: 'Email must look like ada@example.com.',
  });
}

/** Known capabilities, at least one. */
export function IsCapabilities(): PropertyDecorator {
  const problemOf = (value: unknown): string | undefined => {
    if (!isTexts(value)) return 'Capabilities must be a list of names.';
    const selection = selectCapabilities(value);
    return selection.outcome === 'refused' ? selection.problem : undefined;
  };
  return ValidateBy({
    name: 'isSelection',
    validator: {
      validate: (value) => problemOf(value) === undefined,
      defaultMessage: (validation) => problemOf(validation?.value) ?? '',
    },
  });
}

/** The capabilities of a selection that {@link IsCapabilities} has let through. */
export function parseCapabilities(names: readonly string[]): readonly Capability[] {
  const selection = selectCapabilities(names);
  if (selection.outcome === 'refused') throw new TypeError(selection.problem);
  return selection.capabilities;
}

/** A moment as RFC 3339 section 5.6 writes it, with its offset, that exists. */
export function IsMoment(what: string): PropertyDecorator {
  const shape = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i;
  return ValidateBy({
    name: 'isMoment',
    validator: {
      validate: (value) => typeof value === 'string' && shape.test(value) && existsOnTheCalendar(value),
      defaultMessage: () => `${what} must be a time such as 2027-01-31T12:00:00Z.`,
    },
  });
}

/** A key's id: 22 characters, or anything that contains it, such as `sk_live_<id>`. */
export function IsKeyId(what: string): PropertyDecorator {
  return ValidateBy({
    name: 'isKeyId',
    validator: {
      validate: (value) => typeof value === 'string' && findKeyId(value) !== undefined,
      defaultMessage: () => `${what} must be the 22 characters after sk_live_ in a key.`,
    },
  });
}

/** A header that names a request, as draft-ietf-httpapi-idempotency-key-header describes it. */
export const IDEMPOTENCY_KEY_SHAPE = /^[\x21-\x7e]{1,200}$/;

function all(...decorators: PropertyDecorator[]): PropertyDecorator {
  return (target, property) => {
    for (const decorate of decorators) decorate(target, property);
  };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= 100 && value.every((item) => typeof item === 'string');
}

/** `new Date` turns 31 February into March, and 24:00 into the next day; a moment that moves does not exist. */
function existsOnTheCalendar(text: string): boolean {
  const [year, month, day] = text.slice(0, 10).split('-').map(Number);
  const date = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  const isDay =
    date.getUTCFullYear() === year && date.getUTCMonth() + 1 === month && date.getUTCDate() === day;
  const moment = new Date(text);
  return isDay && !text.slice(11).startsWith('24') && moment.getUTCFullYear() <= 9999;
}
