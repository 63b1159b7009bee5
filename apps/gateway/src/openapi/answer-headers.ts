import type { OpenAPIObject } from '@nestjs/swagger';

type Headers = NonNullable<NonNullable<OpenAPIObject['components']>['headers']>;

const text = { type: 'string' } as const;
const seconds = { type: 'string', pattern: '^[1-9][0-9]*$' } as const;

/** The headers of responses by name, except those that HTTP itself defines. */
const HEADERS = {
  'X-Request-Id': {
    description: 'Identifies the request. Quote it when you report a problem.',
    required: true,
    schema: text,
  },
  'RateLimit-Policy': {
    description:
      'How many requests the key may make, and in how many seconds. Missing if no key was accepted.',
    schema: { ...text, pattern: '^"per-key";q=[0-9]+;w=[0-9]+$' },
  },
  RateLimit: {
    description: 'How many requests are left, and for how many seconds.',
    schema: { ...text, pattern: '^"per-key";r=[0-9]+;t=[0-9]+$' },
  },
  'Retry-After': { description: 'How many seconds to wait before retrying.', schema: seconds },
  'WWW-Authenticate': {
    description: 'The challenge of RFC 6750 section 3, if the key is the problem.',
    schema: { ...text, pattern: '^Bearer realm=' },
  },
  'X-Accepted-Capabilities': { description: 'The capabilities that the route needs.', schema: text },
} as const satisfies Headers;

/** A header that the document describes. */
export type HeaderName = keyof typeof HEADERS;

/** The headers of every response to a request with a key. */
export const COMMON_HEADERS = ['X-Request-Id', 'RateLimit-Policy', 'RateLimit'] as const;

/** The descriptions that {@link headersOf} refers to. */
export const ANSWER_HEADERS: Headers = HEADERS;

/** References to {@link ANSWER_HEADERS}. */
export function headersOf(names: readonly HeaderName[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
