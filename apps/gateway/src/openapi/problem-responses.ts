import type { OpenAPIObject } from '@nestjs/swagger';
import { KeyGuardProblem } from '#libs/key-guard';
import { COMMON_CODES, problemSchema } from '#libs/problems';
import { GatewayProblem } from '../gateway-problem.js';
import { COMMON_HEADERS, type HeaderName, headersOf } from './answer-headers.js';

type Components = NonNullable<OpenAPIObject['components']>;
type Schema = NonNullable<Components['schemas']>[string];
type Responses = NonNullable<Components['responses']>;

const text = { type: 'string' } as const;

/** Every code that the gateway answers with, in the order of their statuses. */
const CODES = Object.entries({ ...COMMON_CODES, ...KeyGuardProblem.codes, ...GatewayProblem.codes })
  .sort(([, a], [, b]) => a.status - b.status)
  .map(([code]) => code);

/** What says no, as the document has it: RFC 9457 section 3, and what this product adds to it. */
export const PROBLEM_SCHEMA: Schema = problemSchema(CODES, {
  required: { type: 'array', items: text, description: 'With insufficient_scope: what the route needs.' },
  granted: { type: 'array', items: text, description: 'With insufficient_scope: what the key has.' },
  'violated-policies': {
    type: 'array',
    items: text,
    description: 'With rate_limited and too_many_concurrent_requests: which limits.',
  },
});

/** The errors of routes, by the name under which operations refer to them. */
export const COMMON_RESPONSES: Responses = {
  InvalidRequest: problem('The request is invalid.', ['WWW-Authenticate']),
  Unauthorized: problem('The key is missing or invalid.', ['WWW-Authenticate']),
  Forbidden: problem('The key lacks a capability, or may not be used from this address.', [
    'WWW-Authenticate',
    'X-Accepted-Capabilities',
  ]),
  NotFound: problem('Not found.'),
  RequestTimeout: problem('The body did not arrive in time.'),
  BodyTooLarge: problem(
    'The body is larger than the route accepts: 4 KiB plus what its texts need, at most 1 MiB.',
  ),
  UnsupportedMediaType: problem('The body is not application/json.'),
  RateLimited: problem(
    'The key has reached its rate limit or has too many open requests, or too many invalid keys or reports came from this address.',
    ['Retry-After'],
  ),
  InternalError: problem('Something went wrong on our side.'),
  BadGateway: problem('The service behind the route failed.'),
  Unavailable: problem(
    'The key cannot be verified or reported, or the service behind the route is unavailable or not ready.',
    ['Retry-After'],
  ),
  GatewayTimeout: problem('The service behind the route did not respond in time.'),
};

/** The errors of one route: references to {@link COMMON_RESPONSES}, by status. */
export function responsesOf(route: {
  /** Whether it needs no key. */
  readonly isPublic: boolean;
  /** As its method says: even a route without fields reads a body, in order to refuse it. */
  readonly mayHaveBody: boolean;
  readonly takesFields: boolean;
  readonly isForwarded: boolean;
}): Record<string, { $ref: string }> {
  const names: [string, string, boolean][] = [
    ['400', 'InvalidRequest', true],
    ['401', 'Unauthorized', !route.isPublic],
    ['403', 'Forbidden', !route.isPublic],
    ['404', 'NotFound', route.isForwarded && route.takesFields],
    ['408', 'RequestTimeout', route.mayHaveBody],
    ['413', 'BodyTooLarge', route.mayHaveBody],
    ['415', 'UnsupportedMediaType', route.mayHaveBody],
    ['429', 'RateLimited', true],
    ['500', 'InternalError', true],
    ['502', 'BadGateway', route.isForwarded],
    ['503', 'Unavailable', true],
    ['504', 'GatewayTimeout', route.isForwarded],
  ];
  return Object.fromEntries(
    names.flatMap(([status, name, isPossible]) =>
      isPossible ? [[status, { $ref: `#/components/responses/${name}` }]] : [],
    ),
  );
}

function problem(description: string, headers: readonly HeaderName[] = []): Responses[string] {
  return {
    description,
    headers: headersOf([...headers, ...COMMON_HEADERS]),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}
