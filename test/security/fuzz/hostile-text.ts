import fc from 'fast-check';

/** Difficult pieces for searches: beginnings of what they look for, what they skip, and what can match in several ways. */
const UNITS = [
  ...['a', 'a.', 'aA0', '1', '12,', '*/', 'jan', '-', '_', '.', '..', '/', '//', '\\', '+'],
  ...[
    '://',
    'x://',
    '://u:',
    'redis://u:p@',
    'redis+sentinel://',
    'http://[',
    'tcp://a:1,',
    '[',
    ']',
    '::',
    ':80',
  ],
  ...[
    '@',
    'a@',
    '%',
    '%41',
    '%25',
    '%2541',
    '%25252541',
    '%5F',
    '%255F',
    '%40',
    '% ',
    '%41 ',
    '%00',
    '%u0041',
    '&',
    '=',
    '?',
    '#',
  ],
  ...[
    'bearer ',
    'Bearer sk_live_',
    'Basic ',
    'sk_live_',
    `${'A'.repeat(22)}_`,
    `_${'b'.repeat(46)}`,
    '$2b$12$',
    '00-',
  ],
  ...[
    '"',
    "'",
    ' ',
    '\t',
    '\n',
    '\r\n',
    '\0',
    '{',
    '{"a":',
    '[1,',
    '[[',
    '{},',
    ';',
    ',',
    '0.',
    '1e9',
    '2027-01-31T',
  ],
  ...[
    'é',
    '\u0300',
    '\u0315\u0300',
    '\u200d',
    '\u2028',
    '\u3000',
    '\ufeff',
    '\ud800',
    '\udc00',
    '😀',
    'ﷺ',
    '한',
  ],
];

const anyUnit = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...UNITS) },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 6 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }) },
);

/**
 * Texts of up to `limit` characters: each a few repetitions of something, with an end that makes a search fail. Most are
 * short; one in six is near the limit. With `units`, they consist only of those, except for the end.
 */
export function hostileText(limit: number, ...units: string[]): fc.Arbitrary<string> {
  const unit = units.length === 0 ? anyUnit : fc.constantFrom(...units);
  const repeated = fc
    .tuple(unit, fc.oneof({ weight: 5, arbitrary: fc.nat(30) }, { weight: 1, arbitrary: fc.nat(limit) }))
    .map(([text, times]) => text.repeat(Math.min(times, Math.ceil(limit / text.length))));
  return fc
    .tuple(fc.oneof(fc.constant(''), unit), repeated, repeated, fc.oneof(fc.constantFrom('', '!'), anyUnit))
    .map((parts) => parts.join('').slice(0, limit));
}
