import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ValidateBy, ValidateIf } from 'class-validator';

/*
 * The kinds of fields of the public API, each with its bounds, as they are checked and as the OpenAPI document has
 * them, and the sentence that says what would be right. `what` is the field as that sentence names it: "Text".
 */

/**
 * May be left out; the document shows what a new object of its class has then. Null is not leaving out: what a caller
 * meant to give and has not got must not pass for nothing.
 */
export function Optional(): PropertyDecorator {
  return (target, property) => {
    const fresh: unknown = Reflect.construct(target.constructor, []);
    const standard: unknown =
      typeof fresh === 'object' && fresh !== null ? Reflect.get(fresh, property) : undefined;
    all(
      ApiProperty({ required: false, default: standard }),
      ValidateIf((_, value) => value !== undefined),
    )(target, property);
  };
}

/** What a field is for, where its name does not say it. */
export function Describe(description: string): PropertyDecorator {
  return ApiProperty({ description });
}

export function Integer(what: string, { min, max }: { min: number; max: number }): PropertyDecorator {
  return rule({
    sentence: `${what} must be an integer from ${min} to ${max}.`,
    schema: { type: 'integer', minimum: min, maximum: max },
    test: (value) => typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max,
  });
}

/** A query has its numbers as text. */
export function NumberAsText(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value,
  );
}

/** A place on the screen, in pixels from its top left corner. */
export function Coordinate(what: string): PropertyDecorator {
  return Integer(what, { min: 0, max: 16_383 });
}

/** Text as it is, line breaks and all. */
export function Text(what: string, { max }: { max: number }): PropertyDecorator {
  return rule({
    sentence: `${what} must be 1 to ${max} characters, without NUL.`,
    schema: { type: 'string', minLength: 1, maxLength: max, pattern: '^[^\\0]*$' },
    test: (value) => isText(value, max) && !value.includes('\0'),
  });
}

/** No control characters, no halves of characters, and not only spaces: spaces, something else, and anything else. */
const ONE_LINE = /^[\p{Zs}\uFEFF]*[^\s\p{Cc}\p{Cs}\p{Zl}\p{Zp}][^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u;

/** Text on one line, that people can read. */
export function SingleLine(what: string, { max }: { max: number }): PropertyDecorator {
  return rule({
    sentence: `${what} must be 1 to ${max} characters on one line, not only spaces.`,
    schema: { type: 'string', minLength: 1, maxLength: max, pattern: ONE_LINE.source },
    test: (value) => isText(value, max) && ONE_LINE.test(value),
  });
}

/** Text of a shape. */
export function Pattern(sentence: string, shape: RegExp): PropertyDecorator {
  return rule({
    sentence,
    schema: { type: 'string', pattern: shape.source },
    test: (value) => typeof value === 'string' && shape.test(value),
  });
}

/** One of a few words. */
export function OneOf(what: string, words: readonly string[]): PropertyDecorator {
  return rule({
    sentence: `${what} must be one of ${words.join(', ')}.`,
    schema: { type: 'string', enum: [...words] },
    test: (value) => words.some((word) => word === value),
  });
}

export function Bool(what: string): PropertyDecorator {
  return rule({
    sentence: `${what} must be true or false.`,
    schema: { type: 'boolean' },
    test: (value) => typeof value === 'boolean',
  });
}

/** A list of texts of a shape, at least one. */
export function TextList(sentence: string, { max, each }: { max: number; each: RegExp }): PropertyDecorator {
  return rule({
    sentence,
    schema: { type: 'array', minItems: 1, maxItems: max, items: { type: 'string', pattern: each.source } },
    test: (value) =>
      Array.isArray(value) &&
      value.length >= 1 &&
      value.length <= max &&
      value.every((item) => typeof item === 'string' && each.test(item)),
  });
}

/** An id as the services behind the gateway give them out: nothing that means another place in an address. */
export function Id(what: string): PropertyDecorator {
  return Pattern(
    `${what} must be 1 to 64 letters, digits, - and _, starting with a letter or digit.`,
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
  );
}

/** A kind of field: what would be right, in words, for the document, and as it is checked. */
export function rule(kind: {
  readonly sentence: string;
  readonly schema: ApiPropertyOptions;
  readonly test: (value: unknown) => boolean;
}): PropertyDecorator {
  const { sentence, schema, test: validate } = kind;
  return all(
    ApiProperty(schema),
    ValidateBy({ name: 'isAsItSays', validator: { validate, defaultMessage: () => sentence } }),
  );
}

function all(...decorators: PropertyDecorator[]): PropertyDecorator {
  return (target, property) => {
    for (const decorate of decorators) decorate(target, property);
  };
}

function isText(value: unknown, max: number): value is string {
  if (typeof value !== 'string' || value === '' || value.length > 2 * max) return false;
  // JSON Schema counts characters as Unicode does, where JavaScript counts most emoji as two.
  return value.length <= max || Array.from(value).length <= max;
}
