import { Field } from './field.js';

/** Any text except NUL, which PostgreSQL and programs' arguments cannot have. Line breaks are kept. */
export function Text(what: string, { max }: { max: number }): PropertyDecorator {
  return Field({
    sentence: `${what} must be 1 to ${max} characters, without NUL.`,
    schema: { type: 'string', minLength: 1, maxLength: max, pattern: '^[^\\0]*$' },
    test: (value) => isText(value, max) && !value.includes('\0'),
  });
}

/** No control characters, no halves of characters, and not only spaces: spaces, something else, and anything else. */
const ONE_LINE = /^[\p{Zs}\uFEFF]*[^\s\p{Cc}\p{Cs}\p{Zl}\p{Zp}][^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u;

/** Text on one line, which people can read. */
export function SingleLine(what: string, { max }: { max: number }): PropertyDecorator {
  return Field({
    sentence: `${what} must be 1 to ${max} characters on one line, not only spaces.`,
    schema: { type: 'string', minLength: 1, maxLength: max, pattern: ONE_LINE.source },
    test: (value) => isText(value, max) && ONE_LINE.test(value),
  });
}

/** Text that matches. */
export function Pattern(sentence: string, shape: RegExp): PropertyDecorator {
  return Field({
    sentence,
    schema: { type: 'string', pattern: shape.source },
    test: (value) => typeof value === 'string' && shape.test(value),
  });
}

/** A list of texts that match. */
export function TextList(
  sentence: string,
  { min = 1, max, each }: { min?: number; max: number; each: RegExp },
): PropertyDecorator {
  return Field({
    sentence,
    schema: { type: 'array', minItems: min, maxItems: max, items: { type: 'string', pattern: each.source } },
    test: (value) =>
      Array.isArray(value) &&
      value.length >= min &&
      value.length <= max &&
      value.every((item) => typeof item === 'string' && each.test(item)),
  });
}

/** An ID: nothing that means another place in a URL. */
export function Id(what: string): PropertyDecorator {
  return Pattern(
    `${what} must be 1 to 64 letters, digits, - and _, starting with a letter or digit.`,
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
  );
}

/** An email address by its shape, as long as one may be (RFC 5321 section 4.5.3.1). */
export function Email(): PropertyDecorator {
  return Pattern('Email must look like ada@example.com.', /^[^\s@\p{C}]{1,64}@[^\s@\p{C}]{1,189}$/u);
}

/** JSON Schema counts characters as Unicode does, while JavaScript counts most emoji as two. */
function isText(value: unknown, max: number): value is string {
  if (typeof value !== 'string' || value === '' || value.length > 2 * max) return false;
  return value.length <= max || Array.from(value).length <= max;
}
