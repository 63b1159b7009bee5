import { Transform } from 'class-transformer';
import { Field } from './field.js';

/** An integer. Its unit follows the bounds in the sentence. */
export function Integer(
  what: string,
  { min, max, unit }: { min: number; max: number; unit?: string },
): PropertyDecorator {
  return Field({
    sentence: `${what} must be an integer from ${min} to ${max}${unit === undefined ? '' : ` ${unit}`}.`,
    schema: { type: 'integer', minimum: min, maximum: max },
    test: (value) => typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max,
  });
}

/** Reads a number from a query, where all values are text. To be used with {@link Integer}. */
export function NumberAsText(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value,
  );
}

/** Reads true or false from a query, where all values are text. To be used with {@link Bool}. */
export function BoolAsText(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    value === 'true' || value === 'false' ? value === 'true' : value,
  );
}

export function Bool(what: string): PropertyDecorator {
  return Field({
    sentence: `${what} must be true or false.`,
    schema: { type: 'boolean' },
    test: (value) => typeof value === 'boolean',
  });
}

/** One of a few words. */
export function OneOf(what: string, words: readonly string[]): PropertyDecorator {
  return Field({
    sentence: `${what} must be one of ${words.join(', ')}.`,
    schema: { type: 'string', enum: [...words] },
    test: (value) => words.some((word) => word === value),
  });
}
