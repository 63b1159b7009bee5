import type { OpenAPIObject } from '@nestjs/swagger';

type Headers = NonNullable<NonNullable<OpenAPIObject['components']>['headers']>;

const text = { type: 'string' } as const;
const seconds = { type: 'string', pattern: '^[1-9][0-9]*$' } as const;

/** What the headers of answers say, by their names. Those of HTTP itself are left out. */
const MEANINGS = {
  'X-Request-Id': { description: 'Names the request; tell it to us.', required: true, schema: text },
  'RateLimit-Policy': {
    description:
      'How many requests the key may make, and in how many seconds. Missing where no key was accepted.',
    schema: { ...text, pattern: '^"per-key";q=[0-9]+;w=[0-9]+$' },
  },
  RateLimit: {
    description: 'How many of them are left, and for how many seconds.',
    schema: { ...text, pattern: '^"per-key";r=[0-9]+;t=[0-9]+$' },
  },
  'Retry-After': { description: 'In how many seconds to try again.', schema: seconds },
  'WWW-Authenticate': {
    description: 'The challenge of RFC 6750 section 3, where the key is at fault.',
    schema: { ...text, pattern: '^Bearer realm=' },
  },
  'X-Accepted-Capabilities': { description: 'What the route needs.', schema: text },
} as const satisfies Headers;

/** A header that the document describes. */
export type HeaderName = keyof typeof MEANINGS;

/** The headers of every answer to a request with a key. */
export const EVERYWHERE = ['X-Request-Id', 'RateLimit-Policy', 'RateLimit'] as const;

/** The descriptions, to be referred to by {@link headersOf}. */
export const ANSWER_HEADERS: Headers = MEANINGS;

/** References to {@link ANSWER_HEADERS}. */
export function headersOf(names: readonly HeaderName[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
