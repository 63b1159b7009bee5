import fc from 'fast-check';
import type { FieldSchema, Operation } from './document.js';

/** Values for a field if the document alone does not determine valid ones; otherwise undefined. */
export type Known = (operation: Operation, field: string) => fc.Arbitrary<unknown> | undefined;

/** Values that are invalid in one way. */
export interface Wrong {
  readonly what: string;
  readonly values: fc.Arbitrary<unknown>;
  /** Whether they are also invalid as text, as in a query. */
  readonly isText: boolean;
}

/** The usual length of texts, unless they have their maximum length. */
const LONG = 40;

/** Values that the schema allows, including its bounds. */
export function rightValue(schema: FieldSchema): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 0 });
    case 'array':
      return fc.array(rightValue(schema.items ?? { type: 'string' }), {
        minLength: schema.minItems ?? 0,
        maxLength: schema.maxItems ?? 0,
      });
    case 'string':
      return rightText(schema);
    default:
      return unknownType(schema.type);
  }
}

/** The ways in which a value can violate the schema. */
export function wrongValues(schema: FieldSchema): Wrong[] {
  return [
    { what: 'null', values: fc.constant(null), isText: false },
    { what: 'another type', values: ofAnotherType(schema), isText: false },
    ...outOfBounds(schema),
  ];
}

function rightText({ pattern = '', minLength, maxLength }: FieldSchema): fc.Arbitrary<string> {
  const shape = new RegExp(pattern, 'u');
  // A pattern that describes the whole text; otherwise one that only excludes characters.
  if (maxLength === undefined) return fc.stringMatching(shape);
  const texts = fc.string({
    unit: 'binary',
    minLength: minLength ?? 0,
    maxLength: Math.min(maxLength, LONG),
  });
  return fc.oneof(
    { weight: 5, arbitrary: texts.filter((text) => shape.test(text)) },
    // Characters that JavaScript counts as one, and as two.
    { weight: 1, arbitrary: fc.constantFrom('x', 'é', '🖥').map((one) => one.repeat(maxLength)) },
  );
}

function ofAnotherType({ type }: FieldSchema): fc.Arbitrary<unknown> {
  const types = {
    string: fc.constantFrom('', 'true', '1', 'hello'),
    integer: fc.integer(),
    boolean: fc.boolean(),
    array: fc.constantFrom([], ['a'], [1]),
    object: fc.constantFrom({}, { x: 1 }),
  };
  return fc.oneof(...Object.entries(types).flatMap(([name, values]) => (name === type ? [] : [values])));
}

function outOfBounds(schema: FieldSchema): Wrong[] {
  const wrong = (what: string, values: fc.Arbitrary<unknown>, isText = true): Wrong => ({
    what,
    values,
    isText,
  });
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, pattern, items } = schema;
  if (schema.enum !== undefined) return [wrong('none of the words', fc.constantFrom('', 'other'))];
  switch (schema.type) {
    case 'boolean':
      return [];
    case 'integer':
      return [
        ...(minimum === undefined ? [] : [wrong('too little', fc.integer({ max: minimum - 1 }))]),
        ...(maximum === undefined
          ? []
          : [
              wrong(
                'too much',
                fc.integer({ min: 1 }).map((beyond) => maximum + beyond),
              ),
            ]),
        wrong(
          'half of one',
          fc.integer({ min: 0, max: 100 }).map((number) => number + 0.5),
        ),
      ];
    case 'array':
      return [
        ...(minItems === undefined ? [] : [wrong('too few', fc.constant([]), false)]),
        ...(maxItems === undefined
          ? []
          : [wrong('too many', fc.constant(Array(maxItems + 1).fill('a')), false)]),
        ...(items === undefined
          ? []
          : [...outOfBounds(items), ...wrongValues(items).slice(0, 2)].map(({ what, values }) =>
              wrong(
                `${what} in the list`,
                values.map((value) => [value]),
                false,
              ),
            )),
      ];
    case 'string':
      return [
        ...(minLength === undefined ? [] : [wrong('nothing', fc.constant(''))]),
        ...(maxLength === undefined ? [] : [wrong('too long', fc.constant('x'.repeat(maxLength + 1)))]),
        ...(pattern === undefined ? [] : [wrong('another shape', fc.constantFrom('a\0b', '\0'))]),
      ];
    default:
      return unknownType(schema.type);
  }
}

function unknownType(type: never): never {
  throw new TypeError(`no values are known of ${String(type)}`);
}
