import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import {
  Bool,
  BoolAsText,
  Describe,
  Email,
  Id,
  Integer,
  NormalizedLine,
  NumberAsText,
  OneOf,
  Optional,
  OptionalOrNull,
  Pattern,
  SingleLine,
  Text,
  TextList,
  TimeZone,
  Timestamp,
  describedFields,
} from './index.js';

/** What is said about a value in a field with these decorators, and what the value becomes if nothing is. */
async function read(value: unknown, ...decorators: PropertyDecorator[]): Promise<unknown> {
  class Request {
    field: unknown;
  }
  for (const decorate of decorators) decorate(Request.prototype, 'field');
  const request = plainToInstance(Request, { field: value });
  const [error] = await validate(request);
  return error === undefined ? { field: request.field } : Object.values(error.constraints ?? {});
}

const LIMIT = 'Limit must be an integer from 1 to 200.';
const COLOR = 'Color must be one of red, green.';
const TEXT = 'Text must be 1 to 3 characters, without NUL.';
const LINE = 'Name must be 1 to 3 characters on one line, not only spaces.';
const LIST = 'Send one or two digits.';
const ID = 'Job ID must be 1 to 64 letters, digits, - and _, starting with a letter or digit.';
const EMAIL = 'Email must look like ada@example.com.';
const TIME = 'Expiry must be a time such as 2027-01-31T12:00:00Z.';
const ZONE = 'Time zone must be an IANA name such as Europe/Paris.';

const limit = Integer('Limit', { min: 1, max: 200 });
const color = OneOf('Color', ['red', 'green']);
const text = Text('Text', { max: 3 });
const line = SingleLine('Name', { max: 3 });
const list = TextList(LIST, { max: 2, each: /^\d$/ });

describe('a field', () => {
  it.each<[string, PropertyDecorator, unknown]>([
    ['Integer', limit, 1],
    ['Integer', limit, 200],
    ['Bool', Bool('stream'), false],
    ['OneOf', color, 'green'],
    ['Text', text, 'a\nb'],
    ['Text of characters beyond the first 65,536', text, '😀😀😀'],
    ['SingleLine', line, ' a '],
    ['Pattern', Pattern('Send a digit.', /^\d$/), '7'],
    ['TextList', list, ['1', '2']],
    ['TextList that may be empty', TextList(LIST, { min: 0, max: 2, each: /^\d$/ }), []],
    ['Id', Id('Job ID'), '0a_-'],
    ['Email', Email(), 'ada@example.com'],
    ['Timestamp', Timestamp('Expiry'), '2028-02-29T23:59:59.123456789+14:00'],
    ['TimeZone', TimeZone(), 'America/Argentina/Buenos_Aires'],
    ['Optional', Optional(), undefined],
    ['OptionalOrNull', OptionalOrNull(), undefined],
    ['OptionalOrNull', OptionalOrNull(), null],
  ])('of the kind %s takes what is right', async (_, kind, value) => {
    expect(await read(value, kind)).toEqual({ field: value });
  });

  it.each<[string, PropertyDecorator, string, readonly unknown[]]>([
    ['Integer', limit, LIMIT, [0, 201, 1.5, '1', null, undefined, Infinity]],
    ['Bool', Bool('stream'), 'stream must be true or false.', ['true', 1, null, undefined]],
    ['OneOf', color, COLOR, ['blue', '', ['red'], 1, null, undefined]],
    ['Text', text, TEXT, ['', 'abcd', '😀😀😀😀', 'a\0b', 7, null]],
    ['SingleLine', line, LINE, ['', '   ', 'abcd', 'a\nb', 'a\u2028b', '\ud800', 7]],
    ['TextList', list, LIST, [[], ['1', '2', '3'], ['a'], [1], '1', null]],
    ['Id', Id('Job ID'), ID, ['', '.', '..', '-a', 'a/b', 'a'.repeat(65), 7]],
    ['Email', Email(), EMAIL, ['ada', 'ada@', '@example.com', 'a@b@c', 'a b@c', `${'a'.repeat(65)}@b`, 7]],
    ['TimeZone', TimeZone(), ZONE, ['Europe/Nowhere', '', '+02:00', 'x'.repeat(100), 7]],
    [
      'Timestamp',
      Timestamp('Expiry'),
      TIME,
      [
        '2027-01-31',
        '2027-01-31T12:00:00',
        '2027-02-29T12:00:00Z',
        '2027-01-31T24:00:00Z',
        'tomorrow',
        7,
        null,
      ],
    ],
  ])('of the kind %s refuses the rest, and says what would be right', async (_, kind, sentence, values) => {
    for (const value of values) expect([value, await read(value, kind)]).toEqual([value, [sentence]]);
  });

  it('says the unit of an integer', async () => {
    const kind = Integer('Rate limit', { min: 1, max: 9, unit: 'requests per minute' });
    expect(await read(0, kind)).toEqual(['Rate limit must be an integer from 1 to 9 requests per minute.']);
  });

  it('reads a number of a query if it is in digits alone', async () => {
    expect(await read('20', NumberAsText(), limit)).toEqual({ field: 20 });
    for (const value of ['', ' 20', '2e1', '0x14', '20.0', '-1', ['1', '2'], '9'.repeat(400)])
      expect([value, await read(value, NumberAsText(), limit)]).toEqual([value, [LIMIT]]);
  });

  it('reads true and false of a query', async () => {
    expect(await read('true', BoolAsText(), Bool('stream'))).toEqual({ field: true });
    expect(await read('false', BoolAsText(), Bool('stream'))).toEqual({ field: false });
    for (const value of ['', 'True', '1', ['true']])
      expect([value, await read(value, BoolAsText(), Bool('stream'))]).toEqual([
        value,
        ['stream must be true or false.'],
      ]);
  });

  it('that may be left out is not null, unless it may be that, too', async () => {
    expect(await read(undefined, Optional(), limit)).toEqual({ field: undefined });
    expect(await read(null, Optional(), limit)).toEqual([LIMIT]);
    expect(await read(null, OptionalOrNull(), limit)).toEqual({ field: null });
    expect(await read(0, OptionalOrNull(), limit)).toEqual([LIMIT]);
  });
});

describe('a normalized line', () => {
  const name = NormalizedLine('Name', { max: 5 });

  it.each([
    ['  Ada ', 'Ada'],
    ['e\u0301', '\u00e9'],
    ['\u0645\u06cc\u200c\u0631', '\u0645\u06cc\u200c\u0631'],
  ])('is trimmed and composed: %j', async (value, field) => {
    expect(await read(value, name)).toEqual({ field });
  });

  it.each<[unknown, string]>([
    ['', 'must be 1 to 5 characters on one line.'],
    ['   ', 'must be 1 to 5 characters on one line.'],
    ['abcdef', 'must be 1 to 5 characters on one line.'],
    [7, 'must be 1 to 5 characters on one line.'],
    ['a\nb', 'must be on one line, without control characters.'],
    ['a\u202eb', 'contains an invisible character (U+202E). Remove it.'],
    ['\u200c', 'must have at least one letter, digit or symbol.'],
  ])('is refused with what is wrong: %j', async (value, problem) => {
    expect(await read(value, name)).toEqual([`Name ${problem}`]);
  });

  it('has no more marks on a letter than languages have', async () => {
    const value = `Z${'\u0300'.repeat(31)}`;
    expect(await read(value, NormalizedLine('Name', { max: 100 }))).toEqual([
      'Name has too many marks on one letter.',
    ]);
  });
});

it('fields have their schemas in the order of their decorators, with defaults', () => {
  class Query {
    @Describe('How many.')
    @Optional()
    @Integer('Limit', { min: 1, max: 200 })
    limit = 50;
  }
  const schemas = describedFields().filter(({ target }) => target === Query.prototype);
  expect(schemas.map(({ property, schema }) => [property, schema])).toEqual([
    ['limit', { type: 'integer', minimum: 1, maximum: 200 }],
    ['limit', { required: false, default: 50 }],
    ['limit', { description: 'How many.' }],
  ]);
});
